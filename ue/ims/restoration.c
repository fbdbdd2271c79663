/**
 * @file restoration.c  A 504 that asks for an initial registration (TS 24.229
 *                      5.1.2A.1.6, 7.6)
 */
#include <string.h>
#include "ue/ue.h"
#include "ue/ims/restoration.h"
#include "ue/ims/text.h"


/* Is the URI one of the list `<uri>, <uri>`? */
static bool in_list(const char *list, const struct sip_uri *uri)
{
	const struct pl text = ims_pl(list);
	struct sip_addr addr;
	struct sip_iter it;

	sip_iter_text(&it, &text);

	while (!sip_iter_addr(&addr, &it)) {
		if (addr.uri.text.p && sip_uri_equal(&addr.uri, uri))
			return true;
	}

	return false;
}


static bool is_network(const struct ims_reg_info *info,
		       const struct sip_msg *msg)
{
	struct sip_addr addr;

	if (sip_msg_addr(&addr, msg, SIP_HDR_P_ASSERTED_IDENTITY) ||
	    !addr.uri.text.p)
		return false;

	return in_list(info->service_route, &addr.uri) ||
		in_list(info->path, &addr.uri);
}


static bool has_text(struct xml *x, const char *want)
{
	char text[32];

	return !xml_text(text, sizeof(text), x) && !strcmp(text, want);
}


/* TS 24.229 7.6: <ims-3gpp> <alternative-service> <type>, <action>.  The
   schema's namespace differs between releases: names alone count */
static bool is_restoration(const struct pl *body, struct xml *x)
{
	bool type = false, action = false;

	xml_init(x, body->p, body->l);

	while (!xml_next(x) && x->type != XML_EOF) {

		if (x->type != XML_START)
			continue;

		if (x->depth == 1 && pl_strcmp(&x->name, "ims-3gpp"))
			return false;
		if (x->depth == 2 &&
		    pl_strcmp(&x->name, "alternative-service")) {
			if (xml_skip(x))
				return false;
		}
		else if (x->depth == 3 && !pl_strcmp(&x->name, "type"))
			type = has_text(x, "restoration");
		else if (x->depth == 3 && !pl_strcmp(&x->name, "action"))
			action = has_text(x, "initial-registration");
	}

	return x->type == XML_EOF && type && action;
}


bool ims_restoration_wanted(const struct ims_reg_info *info,
			    const struct sip_msg *msg, struct xml *work)
{
	return msg->code == 504 &&
		sip_ctype_is(&msg->ctype, "application", "3gpp-ims+xml") &&
		is_network(info, msg) && is_restoration(&msg->body, work);
}


bool ims_restoration(struct ims_reg *reg, const struct sip_msg *msg)
{
	if (!ims_restoration_wanted(&reg->info, msg, &reg->ue->work.xml))
		return false;

	ims_reg_terminated(reg, IMS_CONTACT_DEACTIVATED, UINT32_MAX);

	return true;
}
