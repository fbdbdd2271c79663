# The UE: SIP core, IMS registration, services.  Each part lists its files.
MODULES += ue

ue_SRC := $(addprefix ue/, ue_timer.c ue_addr.c)

# SIP transport, transactions, dialogs, digest
ue_SRC += $(addprefix ue/sip/, sip.c flow.c hop.c comp.c store.c request.c \
	stun.c ctrans.c strans.c dialog.c digest.c)

# SIP messages: parser and writer
ue_SRC += $(addprefix ue/sip/, scan.c host.c params.c uri.c uri_equal.c \
	addr.c via.c names.c message.c check.c fields.c values.c \
	digest_params.c frame.c uas.c phrase.c writer.c reply.c)


# IMS registration, XML of its event
ue_SRC += ue/ue.c $(addprefix ue/xml/, xml.c xml_chars.c xml_value.c) \
	$(addprefix ue/ims/, identity.c pcscf.c aka.c secagree.c headers.c \
	registration.c reg_command.c reg_attempt.c reg_auth.c reg_request.c \
	reg_response.c regevent.c regevent_notify.c reginfo.c restoration.c)
