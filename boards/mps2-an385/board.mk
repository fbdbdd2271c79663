# Arm MPS2 board with the AN385 image (Cortex-M3), as QEMU has it. The unit
# tests run with all of the board's memory, the firmware with a modem's.
CC := arm-none-eabi-gcc
AR := arm-none-eabi-ar
BOARD_CFLAGS := -mcpu=cortex-m3 -mthumb
BOARD_PKGS := gcc-arm-none-eabi libnewlib-arm-none-eabi
# the board has no files
BOARD_CFLAGS += -DUIMS_SMALL -DUE_FILE_TRANSFER=0
# four mechanisms of a P-CSCF, notifications without a route: 2.1 KB of RAM less
BOARD_CFLAGS += -DUE_SEC_SERVER_MAX=544 -DUE_CPIM_MAX=512
# what -Os does for speed, and pays for with code: measured on our libraries,
# each line of flags makes every one of them smaller
BOARD_CFLAGS += -fno-thread-jumps -fno-move-loop-invariants \
	-fno-tree-dominator-opts -fno-schedule-insns2 -fno-tree-tail-merge \
	-fno-caller-saves -fno-optimize-sibling-calls
BOARD_CFLAGS += -fno-tree-loop-im -fno-tree-loop-ivcanon \
	-fno-tree-scev-cprop -fno-partial-inlining -fno-guess-branch-probability
# call graphs with frame sizes beside the objects, for test/tools/stack.py;
# ccache would give back the object without its call graph
ifeq ($(SAN),)
BOARD_CFLAGS += -fcallgraph-info=su
export CCACHE_DISABLE := 1
endif

BOARD_LDFLAGS := --specs=nano.specs -nostartfiles
MODULES += board
board_SRC := $(addprefix boards/mps2-an385/, startup.c uart.c semihost.c watchdog.c \
	lan9118.c nv.c)
BOARD_LDFLAGS += -Wl,-u,reset_handler
BOARD_UNIT_SRC := boards/mps2-an385/syscalls.c
BOARD_FIRMWARE_SRC := $(addprefix boards/mps2-an385/, main.c console.c \
	nolibc.c skip.c)
BOARD_FIRMWARE_LDFLAGS := -T boards/mps2-an385/firmware.ld \
	-Wl,-Map=$(B)/firmware.map
BOARD_CPU_CLOCK_HZ := 25000000u
BOARD_UNIT_LDFLAGS := -T boards/mps2-an385/unit.ld

# no sockets: libre is what formats and computes, its headers are told the
# shape of an address
BOARD_LIBRE_SRC := fmt/ch fmt/hexdump fmt/pl fmt/print fmt/str fmt/str_error \
	fmt/regex list/list mbuf/mbuf tmr/tmr base64/b64 sys/endian \
	sa/sa sa/printaddr
BOARD_LIBRE := -DHAVE_SYS_TIME_H -Dgettimeofday=re_gettimeofday
BOARD_INC := -isystem ports/freertos/include
PORT := freertos
