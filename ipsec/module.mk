# IPsec: ESP in transport mode with the associations of TS 33.203
MODULES += ipsec
ipsec_SRC := $(addprefix ipsec/, sa.c offer.c policy.c esp.c length.c packet.c \
	replay.c keys.c transform.c gcm.c name.c)
