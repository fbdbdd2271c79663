# What all ports share: libre on fixed pools, random, log, soft USIM; with
# sockets also the event loop.
MODULES += common
common_SRC := $(addprefix ports/common/, re_mem.c re_time.c random.c log.c nv_slots.c \
	output.c settings.c settings_key.c \
	command.c ue_command.c conf_command.c msg_command.c \
	$(if $(BOARD_SOCKETS),re_loop.c) $(notdir $(wildcard \
	ports/common/usim_*.c ports/common/milenage.c ports/common/tuak.c)))
common_CFLAGS := -D_GNU_SOURCE
