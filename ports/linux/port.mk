# Linux: sockets, files, name look-up, the uims program.
MODULES += linux

linux_SRC := $(addprefix ports/linux/, linux_port.c flow.c resolve.c \
	nv_file.c platform.c)
linux_CFLAGS := -D_GNU_SOURCE

PROGRAMS += uims
uims_SRC := $(addprefix ports/linux/, uims.c command.c settings.c output.c \
	pcap.c)
port_LDLIBS := -lresolv
