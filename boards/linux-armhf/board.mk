# 32-bit ARM Linux, static programs; run them with qemu-arm-static here.
CC := arm-linux-gnueabihf-gcc
AR := arm-linux-gnueabihf-ar
BOARD_LDFLAGS := -static
BOARD_PKGS := gcc-arm-linux-gnueabihf libc6-dev-armhf-cross
TEST_WRAPPER := qemu-arm-static
PORT := linux
include boards/common/linux.mk
