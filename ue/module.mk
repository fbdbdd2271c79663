# The UE: SIP core, IMS registration, services.  Each part lists its files.
MODULES += ue

ue_SRC := $(addprefix ue/, ue_timer.c ue_addr.c ue_hex.c)

# SIP transport, transactions, dialogs, digest
ue_SRC += $(addprefix ue/sip/, sip.c flow.c hop.c comp.c store.c request.c \
	stun.c ctrans.c strans.c dialog.c digest.c)

# SIP messages: parser and writer
ue_SRC += $(addprefix ue/sip/, scan.c host.c params.c uri.c uri_equal.c \
	addr.c via.c names.c message.c check.c fields.c values.c \
	digest_params.c frame.c uas.c phrase.c writer.c reply.c multipart.c)


# IMS registration, XML of its event
ue_SRC += ue/ue.c $(addprefix ue/xml/, xml.c xml_chars.c xml_value.c) \
	$(addprefix ue/ims/, identity.c pcscf.c aka.c headers.c \
	secagree.c sec_client.c sec_server.c sec_none.c text.c \
	registration.c reg_command.c reg_attempt.c reg_auth.c reg_request.c \
	reg_response.c regevent.c reginfo.c restoration.c)

# Sessions: descriptions, the INVITE usage
ue_SRC += $(addprefix ue/sdp/, sdp.c sdp_media.c sdp_stream.c sdp_write.c)

# services
ue_SRC += $(addprefix ue/services/, subscription.c subscription_notify.c \
	roster.c roster_table.c refer.c referred.c uri_list.c \
	conference.c conference_command.c conference_request.c \
	poc.c initiate.c)
ue_SRC += $(addprefix ue/services/, session.c session_write.c \
	session_offer.c session_uac.c session_uas.c session_dialog.c \
	session_change.c session_auth.c session_rel.c session_qos.c \
	session_timer.c messaging.c messaging_sdp.c messaging_relay.c \
	messaging_send.c imdn.c page.c call.c file.c file_command.c \
	file_offer.c file_data.c file_sdp.c)
