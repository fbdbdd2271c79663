# What every port shares: libre on fixed pools, random numbers, soft USIM.
MODULES += common

common_SRC := $(addprefix ports/common/, re_mem.c re_dbg.c random.c \
	milenage.c tuak.c usim_soft.c)
