# The UE: SIP core, IMS registration, services.  Each part lists its files.
MODULES += ue

ue_SRC := $(addprefix ue/, ue_timer.c ue_addr.c)

# SIP transport, transactions, dialogs, digest
ue_SRC += $(addprefix ue/sip/, sip.c flow.c hop.c store.c request.c ctrans.c \
	strans.c dialog.c digest.c)

# SIP messages: parser and writer
ue_SRC += $(addprefix ue/sip/, scan.c host.c params.c uri.c uri_equal.c \
	addr.c via.c names.c message.c check.c fields.c values.c \
	digest_params.c frame.c uas.c phrase.c writer.c reply.c)
