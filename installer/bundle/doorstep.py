"""The bundled program ``doorstep``."""

import sys

from app.commands.main import main

sys.exit(main())
