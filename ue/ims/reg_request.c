/**
 * @file reg_request.c  The REGISTER request (TS 24.229 5.1.1.2, 5.1.1.4,
 * 5.1.1.5, 5.1.1.6)
 */
#include <errno.h>
#include <string.h>
#include "ue/ims/headers.h"
#include "ue/ims/reg_core.h"
#include "ue/ims/text.h"


void reg_user(struct ims_aka_user *user, const struct ims_reg *reg)
{
	user->impi = ims_pl(reg->id.impi);
	user->home = ims_pl(reg->id.home);
	user->uri  = ims_pl(reg->id.home_uri);
	/* TS 33.203 6.1: a password makes no keys */
	user->password = reg->ue->set->sec == UE_SEC_NONE
		? reg->ue->set->password : NULL;
	user->realm = NULL;
}


/* RFC 3261 s10.2: one Call-ID for all REGISTERs of a boot cycle, until it is
   given up (TS 24.229 5.1.1.5.1) */
static int identify(struct ims_reg *reg)
{
	struct sip *sip = &reg->ue->sip;
	int err = 0;

	if (!reg->call_id[0]) {
		reg->cseq = 0;
		err = sip_random_hex(sip, reg->call_id,
				     sizeof(reg->call_id));
		if (!err)
			err = sip_random_hex(sip, reg->from_tag,
					     sizeof(reg->from_tag));
		if (err)
			reg->call_id[0] = '\0';
	}

	++reg->cseq;

	return err;
}


static void write_contact(struct sip_writer *w, struct ims_reg *reg)
{
	const char *params = reg->ue->set->contact_params;

	if (ims_hdr_contact_uri(reg->contact, sizeof(reg->contact), reg))
		return;

	/* RFC 5626 s4.1, RFC 7254 */
	sip_writer_hdr(w, SIP_HDR_CONTACT, "<%s>;+sip.instance=\"<%s>\"%s",
		       reg->contact, reg->id.instance, params ? params : "");
}


/* TS 24.229 5.1.1.2.1: path; gruu if supported.  RFC 3329 s2.3.2 */
static void write_supported(struct sip_writer *w, const struct ims_reg *reg)
{
	const bool gruu = !reg->ue->set->no_gruu && !reg->no_gruu;
	const bool sec = reg->ue->set->sec != UE_SEC_NONE;

	sip_writer_hdr(w, SIP_HDR_SUPPORTED, "path%s%s", gruu ? ", gruu" : "",
		       sec ? ", sec-agree" : "");
}


int reg_send(struct ims_reg *reg, enum ims_aka_form form,
	     uint32_t expires_s, sip_response_h *h)
{
	struct sip *sip = &reg->ue->sip;
	struct ims_aka_user user;
	struct sip_writer *w;
	struct sip_hop *hop;
	int err;

	err = identify(reg);
	if (!err)
		err = ims_sec_begin(reg, (enum ims_sec_register)reg->kind);
	if (err)
		return err;

	hop = reg->sec.used;

	reg_user(&user, reg);
	w = sip_request_begin(sip, hop, "REGISTER", &user.uri);
	sip_writer_hdr(w, SIP_HDR_FROM, "<%s>;tag=%s", reg->id.impu,
		       reg->from_tag);
	sip_writer_hdr(w, SIP_HDR_TO, "<%s>", reg->id.impu);
	sip_writer_hdr(w, SIP_HDR_CALL_ID, "%s", reg->call_id);
	sip_writer_hdr(w, SIP_HDR_CSEQ, "%u REGISTER", reg->cseq);
	write_contact(w, reg);
	sip_writer_hdr(w, SIP_HDR_EXPIRES, "%u", expires_s);
	write_supported(w, reg);

	err = ims_aka_write(w, form, &reg->auth, &user, sip,
			    form == IMS_AKA_SYNC_FAILURE ? reg->res.auts
			    : NULL);
	if (err)
		return err;

	/* TS 24.229 5.1.1.2.1: never in the clear before authentication */
	if (ims_sec_is_protected(reg) ||
	    (form == IMS_AKA_RESPONSE && ims_sec_is_safe(reg)))
		ims_hdr_access_network(w, reg);
	ims_sec_write_register(reg, w, (enum ims_sec_register)reg->kind);
	(void)sip_writer_end(w);

	return sip_ctrans_start(&reg->ct, sip, hop, h, reg);
}
