# The machine that builds: Linux, with sockets.
ifneq ($(filter default undefined,$(origin CC)),)
CC := gcc
endif
ifneq ($(filter default undefined,$(origin AR)),)
AR := ar
endif
PORT := linux
include boards/common/linux.mk
