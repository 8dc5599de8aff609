"""mpremote, with a minute instead of a second in which it must answer what the board asks of a mounted folder: a busy computer may take longer than that."""

import sys

from mpremote import main, transport_serial

SECOND, MINUTE = "ipoll(1000)", "ipoll(60000)"

assert SECOND in transport_serial.fs_hook_code
transport_serial.fs_hook_code = transport_serial.fs_hook_code.replace(SECOND, MINUTE)
sys.exit(main.main())
