"""``python -m app.district``."""

import sys

from app.district.main import main

sys.exit(main())
