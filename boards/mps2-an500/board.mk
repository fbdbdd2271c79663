# Arm MPS2 board with the AN500 image (Cortex-M7), as QEMU has it: what differs
# from the AN385 image is the core and where Ethernet and PSRAM are.
include boards/mps2-an385/board.mk
BOARD_CFLAGS := $(subst cortex-m3,cortex-m7,$(BOARD_CFLAGS)) \
	-DBOARD_ETHERNET=0xa0000000u
BOARD_UNIT_LDFLAGS := -T boards/mps2-an500/unit.ld
