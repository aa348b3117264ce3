"""The bundled program ``doorstep-district``."""

import sys

from app.district.main import main

sys.exit(main())
