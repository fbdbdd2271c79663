# What every Linux target says to libre. Its timers are compiled against
# ports/common/re_time.c: gettimeofday jumps when the clock is set.
BOARD_SOCKETS := yes
BOARD_LIBRE := -DLINUX -DHAVE_INET_NTOP -DHAVE_INET_PTON -DHAVE_SYS_TIME_H \
	-DHAVE_STRINGS_H -DHAVE_UNISTD_H -DHAVE_SELECT -DHAVE_POLL \
	-DHAVE_GETIFADDRS -DHAVE_ROUTE_LIST -DHAVE_RESOLV -DHAVE_STRERROR_R -D_GNU_SOURCE \
	-DVERSION='"1.1.0"' -DARCH='"any"' -DOS='"linux"' \
	-Dgettimeofday=re_gettimeofday

# In a position-independent program constant tables of pointers are written by
# the loader and count as data; ours are to be constant.
ifeq ($(SAN),)
BOARD_CFLAGS += -fno-pie
BOARD_LDFLAGS += -no-pie
endif
