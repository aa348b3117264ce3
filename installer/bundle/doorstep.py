"""Both bundled programs: which of them it is, says the name that it was started by."""

import sys
from pathlib import Path

if Path(sys.argv[0]).stem == "doorstep-district":
    from app.district.main import main
else:
    from app.commands.main import main

sys.exit(main())
