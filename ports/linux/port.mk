# Linux: sockets, files, name look-up, the uims program.
MODULES += linux

# USIM: where a card may be besides software; PC/SC where its library is
# there for this target. Each is a file, or one that says it is not there.
PCSC_LIB := $(filter /%,$(shell $(CC) -print-file-name=libpcsclite.so \
	2>/dev/null))
USIM ?= at $(if $(PCSC_LIB),pcsc)

linux_SRC := $(addprefix ports/linux/, linux_port.c flow.c stream.c tls.c resolve.c \
	nv_file.c platform.c usim.c \
	esp.c esp_tun.c esp_xfrm.c netlink.c \
	$(if $(filter at,$(USIM)),usim_tty.c,usim_no_tty.c) \
	$(if $(filter pcsc,$(USIM)),usim_reader.c usim_pcsc.c, \
	usim_no_reader.c))
linux_CFLAGS := -D_GNU_SOURCE $(if $(filter pcsc,$(USIM)), \
	-isystem /usr/include/PCSC)

# SHA-1 of files with the CPU's own instructions: by nettle, where it is there
# for this target
NETTLE ?= $(filter /%,$(shell $(CC) -print-file-name=libnettle.so \
	2>/dev/null))

PROGRAMS += uims
# files over 2 GB on 32-bit targets, too
uims_CFLAGS := -D_FILE_OFFSET_BITS=64
uims_SRC := $(addprefix ports/linux/, uims.c uims_settings.c file_command.c \
	transfer.c ladder.c pcap.c $(if $(NETTLE),sha1_nettle.c))
uims_LDLIBS := $(if $(NETTLE),-lnettle)
port_LDLIBS := -lresolv $(if $(filter pcsc,$(USIM)),-lpcsclite)
