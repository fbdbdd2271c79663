/**
 * @file reginfo.c  Registration information documents (RFC 3680, RFC 5628)
 */
#include <errno.h>
#include <string.h>
#include "ue/ims/reginfo.h"
#include "ue/ims/text.h"
#include "ue/xml/xml.h"

#define NS_REG  "urn:ietf:params:xml:ns:reginfo"
#define NS_GRUU "urn:ietf:params:xml:ns:gruuinfo"

static const char *const eventv[] = {
	[IMS_REGINFO_UNKNOWN]      = "unknown",
	[IMS_REGINFO_REGISTERED]   = "registered",
	[IMS_REGINFO_CREATED]      = "created",
	[IMS_REGINFO_REFRESHED]    = "refreshed",
	[IMS_REGINFO_SHORTENED]    = "shortened",
	[IMS_REGINFO_EXPIRED]      = "expired",
	[IMS_REGINFO_DEACTIVATED]  = "deactivated",
	[IMS_REGINFO_PROBATION]    = "probation",
	[IMS_REGINFO_UNREGISTERED] = "unregistered",
	[IMS_REGINFO_REJECTED]     = "rejected"
};

const char *ims_reginfo_event_name(enum ims_reginfo_event event)
{
	return (unsigned)event < sizeof(eventv) / sizeof(eventv[0]) ?
		eventv[event] : eventv[0];
}


static bool attr_is(const struct xml *x, const char *name, const char *want)
{
	struct pl val;

	return !xml_attr(&val, x, name) && !pl_strcmp(&val, want);
}


/* A number that only matters when it can be read */
static uint32_t attr_seconds(const struct xml *x, const char *name)
{
	uint32_t v;

	return xml_attr_u32(&v, x, name) ? UINT32_MAX : v;
}


static enum ims_reginfo_event attr_event(const struct xml *x)
{
	unsigned i;

	for (i = 1; i < sizeof(eventv) / sizeof(eventv[0]); i++) {
		if (attr_is(x, "event", eventv[i]))
			return (enum ims_reginfo_event)i;
	}

	return IMS_REGINFO_UNKNOWN;
}


/* ------------------------------------------------------------------ */
/* Is it ours? */


/* RFC 5628 5.: "<urn:...>" with the quotes that the Contact had.  URNs ignore
   case in all parts that an instance uses (RFC 7254, RFC 4122) */
static bool same_instance(const char *text, const char *instance)
{
	struct pl pl = ims_pl(text);

	if (pl.l >= 2 && pl.p[0] == '"' && pl.p[pl.l - 1] == '"') {
		++pl.p;
		pl.l -= 2;
	}
	if (pl.l >= 2 && pl.p[0] == '<' && pl.p[pl.l - 1] == '>') {
		++pl.p;
		pl.l -= 2;
	}

	return instance[0] && !pl_strcasecmp(&pl, instance);
}


/* ------------------------------------------------------------------ */
/* Elements inside a contact */


/* A text that does not fit is none of ours */
static int element_text(char *str, size_t size, struct xml *x)
{
	int err;

	err = xml_text(str, size, x);
	if (err == EOVERFLOW && !x->err) {
		str[0] = '\0';
		err = 0;
	}

	return err;
}


/* RFC 3680 5.3: the uri element */
static int read_uri(struct ims_reginfo_work *rd, struct ims_reginfo_contact *c)
{
	int err;

	err = element_text(rd->text, sizeof(rd->text), &rd->xml);
	if (!err && rd->text[0] &&
	    ims_same_uri(&rd->own->contact, rd->text))
		c->rank |= IMS_REGINFO_BY_URI;

	return err;
}


/* RFC 5628 5.: header parameters of the Contact */
static int read_param(struct ims_reginfo_work *rd,
		      struct ims_reginfo_contact *c)
{
	const bool instance = attr_is(&rd->xml, "name", "+sip.instance");
	int err;

	err = element_text(rd->text, sizeof(rd->text), &rd->xml);
	if (!err && instance && same_instance(rd->text, rd->own->instance))
		c->rank |= IMS_REGINFO_BY_INSTANCE;

	return err;
}


/* RFC 5628 5.: pub-gruu, temp-gruu with attribute uri */
static int read_gruu(struct ims_reginfo_work *rd,
		     struct ims_reginfo_contact *c, struct pl *gruu)
{
	struct sip_uri uri;
	struct pl pl;

	if (xml_attr_str(rd->text, sizeof(rd->text), &rd->xml, "uri"))
		return xml_skip(&rd->xml);

	pl = ims_pl(rd->text);
	if (!sip_uri_decode(&uri, &pl)) {

		(void)xml_attr(gruu, &rd->xml, "uri");
		if (gruu == &c->pub_gruu && rd->own->pub_gruu[0] &&
		    ims_same_uri(&uri, rd->own->pub_gruu))
			c->rank |= IMS_REGINFO_BY_INSTANCE;
	}

	return xml_skip(&rd->xml);
}


static int contact_child(struct ims_reginfo_work *rd,
			 struct ims_reginfo_contact *c)
{
	struct xml *x = &rd->xml;

	if (xml_is(x, NS_REG, "uri"))
		return read_uri(rd, c);

	if (xml_is(x, NS_REG, "unknown-param"))
		return read_param(rd, c);

	if (xml_is(x, NS_GRUU, "pub-gruu"))
		return read_gruu(rd, c, &c->pub_gruu);

	if (xml_is(x, NS_GRUU, "temp-gruu"))
		return read_gruu(rd, c, &c->temp_gruu);

	return xml_skip(x);
}


/* RFC 3680 5.3: state and event are mandatory */
static int contact_attrs(struct ims_reginfo_contact *c, const struct xml *x)
{
	struct pl val;

	memset(c, 0, sizeof(*c));

	c->active = attr_is(x, "state", "active");
	if (!c->active && !attr_is(x, "state", "terminated"))
		return EBADMSG;

	if (xml_attr(&val, x, "event"))
		return EBADMSG;

	c->event = attr_event(x);
	c->expires_s = attr_seconds(x, "expires");
	c->retry_after_s = attr_seconds(x, "retry-after");

	return 0;
}


static int read_contact(struct ims_reginfo_work *rd)
{
	struct xml *x = &rd->xml;
	struct ims_reginfo_contact *own = &rd->reg.own;
	struct ims_reginfo_contact c;
	int err;

	++rd->reg.contacts;

	err = contact_attrs(&c, x);
	if (err)
		return err;

	while (!(err = xml_child(x))) {
		err = contact_child(rd, &c);
		if (err)
			break;
	}

	/* where several may be ours: the surest, then one that lives */
	c.rank |= c.active;
	c.found = c.rank >= (rd->own->uri_known ? IMS_REGINFO_BY_URI
			     : IMS_REGINFO_BY_INSTANCE);
	if (c.found && c.rank > own->rank) {
		*own = c;
	}
	else if (!own->found) {
		/* as in a 200: one that is alone is ours, whatever was
		   rewritten on the way */
		own->event = rd->reg.contacts == 1 ? c.event
			: IMS_REGINFO_UNKNOWN;
		own->retry_after_s = c.retry_after_s;
	}

	return err == ENOENT ? 0 : err;
}


/* ------------------------------------------------------------------ */
/* registration and reginfo */


/* RFC 3680 5.2.  The identifier is mandatory too, but nothing needs it: own
   registrations are known by their address-of-record */
static int registration_attrs(struct ims_reginfo_reg *reg,
			      const struct xml *x)
{
	memset(reg, 0, sizeof(*reg));

	if (xml_attr(&reg->aor, x, "aor"))
		return EBADMSG;

	if (attr_is(x, "state", "active"))
		reg->state = IMS_REGINFO_ACTIVE;
	else if (attr_is(x, "state", "terminated"))
		reg->state = IMS_REGINFO_TERMINATED;
	else if (!attr_is(x, "state", "init"))
		return EBADMSG;

	return 0;
}


static int read_registration(struct ims_reginfo_work *rd)
{
	struct xml *x = &rd->xml;
	int err;

	err = registration_attrs(&rd->reg, x);
	if (err)
		return err;

	while (!(err = xml_child(x))) {
		err = xml_is(x, NS_REG, "contact") ? read_contact(rd)
			: xml_skip(x);
		if (err)
			break;
	}

	return err == ENOENT ? 0 : err;
}


/* RFC 3680 5.1: both attributes are mandatory */
static int root(struct ims_reginfo *info, struct xml *x)
{
	int err;

	memset(info, 0, sizeof(*info));

	err = xml_next(x);
	if (err)
		return err;

	if (!xml_is(x, NS_REG, "reginfo") ||
	    xml_attr_u32(&info->version, x, "version"))
		return EBADMSG;

	info->full = attr_is(x, "state", "full");

	return info->full || attr_is(x, "state", "partial") ? 0 : EBADMSG;
}


static int read_document(struct ims_reginfo *info, struct ims_reginfo_work *rd,
			 ims_reginfo_h *h, void *arg)
{
	struct xml *x = &rd->xml;
	int err;

	err = root(info, x);
	if (err)
		return err;

	while (!(err = xml_child(x))) {

		const bool reg = xml_is(x, NS_REG, "registration");

		err = reg ? read_registration(rd) : xml_skip(x);
		if (err)
			break;
		if (!reg)
			continue;

		++info->registrations;
		if (h)
			h(&rd->reg, arg);
	}

	/* only comments and the like may follow */
	return err == ENOENT ? xml_next(x) : err;
}


int ims_reginfo_decode(struct ims_reginfo *info,
		       struct ims_reginfo_work *work, const char *buf,
		       size_t len, const struct ims_reginfo_own *own,
		       ims_reginfo_h *h, void *arg)
{
	struct ims_reginfo found;
	int err;

	work->own = own;

	xml_init(&work->xml, buf, len);
	err = read_document(&found, work, NULL, NULL);
	if (!err && h) {
		xml_init(&work->xml, buf, len);
		err = read_document(&found, work, h, arg);
	}
	if (!err)
		*info = found;

	return err;
}
