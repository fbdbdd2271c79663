# Arm MPS2 board with the AN385 image: Cortex-M3. Libraries only for now.
CC := arm-none-eabi-gcc
AR := arm-none-eabi-ar
BOARD_CFLAGS := -mcpu=cortex-m3 -mthumb
BOARD_PROGRAMS := no
BOARD_PKGS := gcc-arm-none-eabi libnewlib-arm-none-eabi
# call graphs with frame sizes beside the objects, for test/tools/stack.py
BOARD_CFLAGS += -DUIMS_SMALL -fcallgraph-info=su
