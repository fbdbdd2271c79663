# The machine that builds: Linux, with sockets.
ifneq ($(filter default undefined,$(origin CC)),)
CC := gcc
endif
ifneq ($(filter default undefined,$(origin AR)),)
AR := ar
endif
PORT := linux
BOARD_PKGS := gcc libc6-dev
include boards/common/linux.mk
