/**
 * @file headers.c  Header fields of every request and response after
 * registration (TS 24.229 5.1.2A)
 */
#include <errno.h>
#include <string.h>
#include "ue/ue.h"
#include "ue/ims/headers.h"
#include "ue/ims/text.h"


const char *ims_hdr_identity(const struct ims_reg *reg)
{
	const struct ims_reg_info *info = &reg->info;

	/* 5.1.1.3: the default public identity if the registered one is
	   barred, else either.  The registered one is always a SIP URI */
	if (info->barred && info->default_impu[0])
		return info->default_impu;

	return reg->id.impu ? reg->id.impu : "";
}


/* Must requests come over TCP? */
static const char *transport_param(const struct sip_hop *hop)
{
	return hop->prm.tcp && !hop->prm.udp ? ";transport=tcp" : "";
}


/* RFC 3486 s4, RFC 5049 s9.1: not quoted in a URI.  The instance is a URN:
   nothing in it needs an escape */
static size_t put_comp(char *str, size_t size, size_t pos,
		       const struct ims_reg *reg)
{
#if UE_SIGCOMP
	/* TS 24.229 8.1.1: not in the clear where there are to be
	   associations, also when those before are still there */
	if (!sip_comp_is_open(&reg->ue->comp) ||
	    (!reg->info.registered && !ims_sec_is_safe(reg)))
		return pos;

	pos = ims_put(str, size, pos, ";comp=sigcomp;sigcomp-id=");
	pos = ims_put(str, size, pos, reg->id.instance);
#else
	(void)str;
	(void)size;
	(void)reg;
#endif

	return pos;
}


int ims_hdr_contact_uri(char *uri, size_t size, const struct ims_reg *reg)
{
	char addr[UE_ADDR_STR];
	size_t pos;

	if (!reg->info.local.family)
		return ENOENT;

	ue_addr_print(addr, &reg->info.local, UE_ADDR_HOSTPORT);
	pos = ims_put(uri, size, 0, "sip:");
	pos = ims_put(uri, size, pos, addr);
	pos = ims_put(uri, size, pos, transport_param(&reg->hop));
	pos = put_comp(uri, size, pos, reg);

	return pos >= size ? EOVERFLOW : 0;
}


void ims_hdr_contact(struct sip_writer *w, const struct ims_reg *reg,
		     bool features)
{
	const char *params = reg->ue->set->contact_params;
	char uri[IMS_CONTACT_MAX];

	if (!features || !params)
		params = "";

	/* 5.1.2A.1.1: the public GRUU if there is one */
	if (reg->info.pub_gruu[0])
		sip_writer_hdr(w, SIP_HDR_CONTACT, "<%s>%s",
			       reg->info.pub_gruu, params);
	else if (!ims_hdr_contact_uri(uri, sizeof(uri), reg))
		sip_writer_hdr(w, SIP_HDR_CONTACT, "<%s>%s", uri, params);
}


int ims_hdr_routes(char *routes, size_t size, const struct ims_reg *reg)
{
	const struct sip_hop *hop = &reg->hop;
	char addr[UE_ADDR_STR];
	size_t pos;

	ue_addr_print(addr, &reg->info.pcscf, UE_ADDR_HOSTPORT);
	pos = ims_put(routes, size, 0, "<sip:");
	pos = ims_put(routes, size, pos, addr);
	pos = ims_put(routes, size, pos, transport_param(hop));
	pos = ims_put(routes, size, pos, ";lr>");

	if (reg->info.service_route[0]) {
		pos = ims_put(routes, size, pos, ", ");
		pos = ims_put(routes, size, pos, reg->info.service_route);
	}

	return pos >= size ? EOVERFLOW : 0;
}


int ims_hdr_dialog(struct sip_dialog *dlg, struct ims_reg *reg,
		   const char *remote)
{
	struct sip *sip = &reg->ue->sip;
	int err;

	err = ims_hdr_routes(sip->tx, sizeof(sip->tx), reg);

	return err ? err : sip_dialog_init(dlg, sip, ims_reg_hop(reg),
					   ims_hdr_identity(reg), remote,
					   sip->tx);
}


void ims_hdr_access_network(struct sip_writer *w, const struct ims_reg *reg)
{
	if (reg->ue->access_network)
		sip_writer_hdr(w, SIP_HDR_P_ACCESS_NETWORK_INFO, "%s",
			       reg->ue->access_network);
}


void ims_hdr_privacy(struct sip_writer *w, const char *privacy)
{
	if (privacy)
		sip_writer_hdr(w, SIP_HDR_PRIVACY, "%s", privacy);
}


void ims_hdr_request(struct sip_writer *w, struct ims_reg *reg,
		     enum sip_method method)
{
	/* 7.2A.4: not on ACK and CANCEL; RFC 3329 table 1: nor these */
	if (method == SIP_METHOD_ACK || method == SIP_METHOD_CANCEL)
		return;

	ims_hdr_access_network(w, reg);
	ims_sec_write_request(reg, w);
}


void ims_hdr_response(struct sip_writer *w, const struct ims_reg *reg,
		      enum sip_method method)
{
	if (method != SIP_METHOD_CANCEL)
		ims_hdr_access_network(w, reg);
}


struct sip_writer *ims_reply_begin(const struct ims_reg *reg,
				   struct sip_strans *st, uint16_t code)
{
	struct sip_writer *w = sip_reply_begin(st, code, NULL);

	ims_hdr_response(w, reg, (enum sip_method)st->method);

	return w;
}


void ims_hdr_preferred_identity(struct sip_writer *w,
				const struct ims_reg *reg)
{
	sip_writer_hdr(w, SIP_HDR_P_PREFERRED_IDENTITY, "<%s>",
		       ims_hdr_identity(reg));
}
