/**
 * @file reg_response.c  What the answer to a REGISTER says (TS 24.229
 * 5.1.1.2.1, 5.1.1.4.1)
 */
#include <errno.h>
#include <string.h>
#include "ue/ims/headers.h"
#include "ue/ims/reg_core.h"
#include "ue/ims/text.h"

/** RFC 5626 4.5: base-time when all flows have failed, max-time */
#define BASE_MS 30000
#define MAX_MS 1800000


uint64_t reg_refresh_ms(uint32_t expires_s)
{
	const uint64_t ms = (uint64_t)expires_s * 1000;

	/* TS 24.229 5.1.1.4.1 */
	return expires_s > 1200 ? ms - 600000 : ms / 2;
}


uint64_t reg_back_off_ms(struct sip *sip, unsigned failures)
{
	uint64_t upper = BASE_MS;
	uint32_t rnd = 0;

	while (failures-- && upper < MAX_MS)
		upper *= 2;

	if (upper > MAX_MS)
		upper = MAX_MS;

	(void)sip_random_u32(sip, &rnd);

	return upper / 2 + upper / 2 * (rnd >> 16) / UINT16_MAX;
}


/* ------------------------------------------------------------------ */
/* Failures */


struct rule {
	uint16_t status;
	uint8_t remedy;         /* enum reg_remedy */
	uint8_t err;
};


/* TS 24.229 5.1.1.2.1, 5.1.1.4.1; what is not listed goes by its class */
static const struct rule rulev[] = {
	{305, REG_OTHER_PCSCF, EPROTO},
	{403, REG_GIVE_UP,     EACCES},
	{408, REG_BACK_OFF,    ETIMEDOUT},
	{430, REG_OTHER_PCSCF, EPROTO},         /* RFC 5626 s11.5 */
	{480, REG_BACK_OFF,    EPROTO},
	{486, REG_BACK_OFF,    EPROTO},
	{487, REG_BACK_OFF,    EPROTO},
	{491, REG_BACK_OFF,    EPROTO},
	{501, REG_GIVE_UP,     EPROTO},
	{505, REG_GIVE_UP,     EPROTO},
	{513, REG_GIVE_UP,     EPROTO},
	{600, REG_BACK_OFF,    EPROTO},
};


static void classify(struct ims_reg_failure *fail)
{
	size_t i;

	fail->err = EPROTO;
	fail->remedy = fail->status / 100 == 3 ? REG_OTHER_PCSCF :
		fail->status / 100 == 5 ? REG_BACK_OFF : REG_GIVE_UP;

	for (i = 0; i < sizeof(rulev) / sizeof(rulev[0]); i++) {
		if (rulev[i].status == fail->status) {
			fail->remedy = rulev[i].remedy;
			fail->err    = rulev[i].err;
		}
	}
}


uint32_t reg_retry_after(const struct ims_reg *reg, uint32_t s)
{
	return s > REG_RETRY_AFTER_MAX_S && !ims_sec_is_protected(reg)
		? REG_RETRY_AFTER_MAX_S : s;
}


void reg_classify(struct ims_reg_failure *fail, const struct ims_reg *reg,
		  const struct sip_msg *msg)
{
	uint32_t s;

	memset(fail, 0, sizeof(*fail));
	fail->status = msg->code;
	fail->text   = sip_phrase(msg->code);
	classify(fail);

	if (!sip_msg_uint(&s, msg, SIP_HDR_RETRY_AFTER))
		fail->retry_after_s = reg_retry_after(reg, s);
}


/* ------------------------------------------------------------------ */
/* 2xx */


/* RFC 5626 s4.1: `"<urn:...>"` */
static bool same_instance(const struct pl *params, const char *instance)
{
	struct pl val;

	if (sip_param_get(&val, params, "+sip.instance") || !val.p ||
	    val.l < 2 || val.p[0] != '<' || val.p[val.l - 1] != '>')
		return false;

	++val.p;
	val.l -= 2;

	return !pl_strcasecmp(&val, instance);
}


/* How sure is it that a Contact of the 200 is ours?  0 = not at all.  The
   address may have been changed on the way by a P-CSCF that helps UEs behind
   a NAT */
static unsigned likeness(const struct sip_addr *c, const char *uri,
			 const char *instance)
{
	if (!c->uri.text.p)
		return 0;

	if (ims_same_uri(&c->uri, uri))
		return 3;

	return same_instance(&c->params, instance) ? 2 : 1;
}


/* Parameters of the own Contact.  ENOENT: there is none */
static int own_contact(struct pl *params, struct ims_reg *reg,
		       const struct sip_msg *msg)
{
	struct sip_addr *c = &reg->scratch.addr;
	struct sip_iter it;
	unsigned best = 0, n = 0;
	int err;

	err = ims_hdr_contact_uri(reg->contact, sizeof(reg->contact), reg);
	if (err)
		return err;

	sip_iter_init(&it, msg, SIP_HDR_CONTACT);
	while (!(err = sip_iter_addr(c, &it))) {

		const unsigned like = likeness(c, reg->contact,
					       reg->id.instance);

		++n;
		if (like > best) {
			best = like;
			*params = c->params;
		}
	}

	if (err != ENOENT)
		return err;

	/* a stranger only where it is alone */
	return best >= 2 || (best == 1 && n == 1) ? 0 : ENOENT;
}


/* RFC 3261 s10.2.4: the expires parameter, else Expires, else what was asked
   for */
static uint32_t granted(const struct pl *params, const struct sip_msg *msg,
			uint32_t asked)
{
	uint32_t v;

	if (!sip_param_uint(&v, params, "expires") ||
	    !sip_msg_uint(&v, msg, SIP_HDR_EXPIRES))
		return v;

	return asked;
}


/* `<uri>, <uri>` of all values; write false: only check them */
static int store_routes(char *dst, struct sip_addr *addr,
			const struct sip_msg *msg, enum sip_hdr_id id,
			bool write)
{
	struct sip_iter it;
	size_t pos = 0;
	int err;

	sip_iter_init(&it, msg, id);
	while (!(err = sip_iter_addr(addr, &it))) {

		const struct pl *uri = &addr->uri.text;

		if (!uri->p)
			return EBADMSG;
		if (uri->l + 5 > UE_ROUTES_MAX - pos)
			return EOVERFLOW;

		if (write) {
			memcpy(dst + pos, ", <", 3);
			memcpy(dst + pos + 3, uri->p, uri->l);
			dst[pos + 3 + uri->l] = '>';
		}
		pos += uri->l + 4;
	}

	if (err != ENOENT)
		return err;

	/* the first one has no comma */
	if (write) {
		dst[pos] = '\0';
		if (pos)
			memmove(dst, dst + 2, pos - 1);
	}

	return 0;
}


/* An optional list: one that does not fit is as good as none */
static void store_path(struct ims_reg *reg, const struct sip_msg *msg)
{
	struct sip_addr *addr = &reg->scratch.addr;
	char *path = reg->info.path;

	if (store_routes(path, addr, msg, SIP_HDR_PATH, false))
		path[0] = '\0';
	else
		(void)store_routes(path, addr, msg, SIP_HDR_PATH, true);
}


/* Those of the new list that documents have said to be registered (5.1.1.3):
   that stays, wherever they are in it */
static unsigned still_active(struct ims_reg *reg, const struct sip_msg *msg)
{
	struct sip_addr *addr = &reg->scratch.addr;
	struct sip_iter it;
	unsigned n, set = 0;

	sip_iter_init(&it, msg, SIP_HDR_P_ASSOCIATED_URI);
	for (n = 0; n < UE_IMPU_MAX && !sip_iter_addr(addr, &it); n++) {

		const bool *was = ims_regevent_assoc(&reg->info, &addr->uri);

		if (was && *was)
			set |= 1U << n;
	}

	return set;
}


/* TS 24.229 5.1.1.2.1: first URI of P-Associated-URI is the default public
   identity, the next where that is too long to be kept; the registered one is
   barred when it is not in the list */
static void store_identities(struct ims_reg *reg, const struct sip_msg *msg)
{
	struct ims_reg_info *info = &reg->info;
	struct sip_addr *addr = &reg->scratch.addr;
	const unsigned active = still_active(reg, msg);
	const char *first = reg->id.impu;
	struct sip_iter it;
	struct pl pl;
	unsigned n = 0;

	info->barred = false;

	sip_iter_init(&it, msg, SIP_HDR_P_ASSOCIATED_URI);
	while (!sip_iter_addr(addr, &it)) {

		if (!n++)
			info->barred = true;
		if (addr->uri.text.p && ims_same_uri(&addr->uri, reg->id.impu))
			info->barred = false;
		if (n > UE_IMPU_MAX)
			continue;

		info->assoc_activev[n - 1] = active >> (n - 1) & 1;
		if (ims_copy(info->assocv[n - 1], UE_URI_MAX, &addr->uri.text))
			info->assocv[n - 1][0] = '\0';
	}

	info->assoc_count = n = n < UE_IMPU_MAX ? n : UE_IMPU_MAX;
	while (n-- > 0) {
		if (info->assocv[n][0])
			first = info->assocv[n];
	}

	pl = ims_pl(first);
	(void)ims_copy(info->default_impu, UE_URI_MAX, &pl);
}


/* RFC 5627 s4.2; a value that is no URI or too long counts as none */
static void store_gruu(char gruu[UE_URI_MAX], const struct pl *params,
		       const char *name)
{
	struct sip_uri uri;
	struct pl val;

	gruu[0] = '\0';
	if (sip_param_get(&val, params, name) || !val.p ||
	    sip_unquote(gruu, UE_URI_MAX, &val)) {
		gruu[0] = '\0';
		return;
	}

	val = ims_pl(gruu);
	if (sip_uri_decode(&uri, &val) || uri.scheme != SIP_SCHEME_SIP)
		gruu[0] = '\0';
}


/* RFC 6223 s4.4: a value in our Via means that keep-alives are welcome, 0 at
   our discretion (RFC 5626 s4.4.1, s4.4.2: 120 s TCP, 29 s UDP); s4.2.2: none
   ends what was agreed on before */
static void store_keep(struct ims_reg *reg, const struct sip_msg *msg)
{
	const bool tcp = msg->via.transp == SIP_TRANSP_TCP;
	const struct pl *keep = &msg->via.keep;
	uint32_t s = 0;

	if (reg->ue->set->no_keepalive)
		return;

	if (keep->p && keep->l) {
		s = pl_u32(keep);
		if (!s)
			s = tcp ? 120 : 29;
	}

	if (reg->sec.used)
		sip_hop_keepalive(reg->sec.used, tcp ? UE_TRANSPORT_TCP
				  : UE_TRANSPORT_UDP, s);
}


/* RFC 7616 s3.5, RFC 3310 s3.5: is the other end who it says it is? */
static int check_authinfo(struct ims_reg *reg, const struct sip_msg *msg)
{
	struct sip_digest *dg = &reg->scratch.dg;
	struct pl val;

	/* one that cannot be read is as good as none, which has to do, too */
	if (!reg->auth.ready ||
	    sip_msg_hdr(&val, msg, SIP_HDR_AUTHENTICATION_INFO) ||
	    sip_authinfo_decode(dg, &val))
		return 0;

	val = ims_pl(reg->id.home_uri);

	return sip_auth_info(&reg->auth, dg, &val, msg->body.p,
			     msg->body.l);
}


int reg_store(struct ims_reg *reg, const struct sip_msg *msg,
	      uint32_t *granted_s)
{
	struct ims_reg_info *info = &reg->info;
	struct pl params;
	uint32_t s;
	int err;

	err = check_authinfo(reg, msg);
	if (err)
		return err;

	err = own_contact(&params, reg, msg);
	if (err)
		return err == ENOENT ? EPROTO : err;

	s = granted(&params, msg, reg->expires_s);
	if (!s)
		return EPROTO;

	/* a Service-Route that cannot be kept would send every request
	   astray */
	err = store_routes(info->service_route, &reg->scratch.addr, msg,
			   SIP_HDR_SERVICE_ROUTE, false);
	if (err)
		return err;

	(void)store_routes(info->service_route, &reg->scratch.addr, msg,
			   SIP_HDR_SERVICE_ROUTE, true);
	store_path(reg, msg);
	store_identities(reg, msg);

	/* not asked for, not taken */
	if (reg->ue->set->no_gruu || reg->no_gruu)
		params.p = NULL;
	store_gruu(info->pub_gruu, &params, "pub-gruu");
	store_gruu(info->temp_gruu, &params, "temp-gruu");
	store_keep(reg, msg);

	*granted_s = s;

	return 0;
}
