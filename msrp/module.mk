# MSRP (RFC 4975): frames, messages, sessions, and what they carry
MODULES += msrp
msrp_SRC := $(addprefix msrp/, uri.c frame.c head.c write.c \
	session.c sender.c reply.c receiver.c cpim.c imdn.c relay.c)
