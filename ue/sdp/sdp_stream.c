/**
 * @file sdesc_media.c  What media descriptions say: codecs, directions,
 * preconditions (RFC 4566 s6, RFC 3264, RFC 3312)
 */
#include <errno.h>
#include <string.h>
#include "ue/sdp/sdp.h"
#include "ue/ue_hex.h"


static int to_u32(uint32_t *v, const struct pl *pl)
{
	uint32_t n = 0;
	size_t i;

	if (!pl->l || pl->l > 9)
		return EBADMSG;

	for (i = 0; i < pl->l; i++) {

		if (pl->p[i] < '0' || pl->p[i] > '9')
			return EBADMSG;

		n = n * 10 + (uint32_t)(pl->p[i] - '0');
	}

	*v = n;

	return 0;
}


/* ------------------------------------------------------------------ */
/* Codecs */


/** RFC 3551 table 4: what a phone may still offer without an rtpmap */
static const struct {
	uint8_t pt;
	const char *name;
} staticv[] = {
	{0, "PCMU"}, {3, "GSM"}, {8, "PCMA"}, {9, "G722"}, {13, "CN"},
	{18, "G729"}
};


static void static_codec(struct sdesc_codec *c)
{
	size_t i;

	for (i = 0; i < sizeof(staticv) / sizeof(staticv[0]); i++) {
		if (staticv[i].pt == c->pt)
			pl_set_str(&c->name, staticv[i].name);
	}

	c->rate_hz = 8000;
	c->channels = 1;
}


/* The value of `rtpmap:pt value` or `fmtp:pt value` */
static bool of_format(struct pl *val, const struct sdesc_attr *a,
		      const char *name, const struct pl *fmt)
{
	struct pl rest = a->val, word;

	if (pl_strcmp(&a->name, name) || !rest.p ||
	    sdesc_word_next(&word, &rest) || pl_cmp(&word, fmt))
		return false;

	while (rest.l && rest.p[0] == ' ') {
		++rest.p;
		--rest.l;
	}
	*val = rest;

	return true;
}


static void split(struct pl *head, struct pl *tail, const struct pl *pl)
{
	const char *slash = pl->l ? memchr(pl->p, '/', pl->l) : NULL;

	*head = *pl;
	tail->p = NULL;
	tail->l = 0;

	if (slash) {
		head->l = (size_t)(slash - pl->p);
		tail->p = slash + 1;
		tail->l = pl->l - head->l - 1;
	}
}


/* name/rate[/channels] */
static int rtpmap(struct sdesc_codec *c, const struct pl *val)
{
	struct pl rest, rate, channels;
	uint32_t n = 1;

	split(&c->name, &rest, val);
	split(&rate, &channels, &rest);

	if (!c->name.l || to_u32(&c->rate_hz, &rate) ||
	    (channels.p && to_u32(&n, &channels)) || n > UINT8_MAX)
		return EBADMSG;

	c->channels = (uint8_t)n;

	return 0;
}


int sdesc_codec_next(struct sdesc_codec *res, const struct sdesc_media *m,
		   struct pl *rest)
{
	struct pl fmt, val, lines = m->lines;
	struct sdesc_codec c;
	struct sdesc_attr a;
	uint32_t pt;

	if (sdesc_word_next(&fmt, rest))
		return ENOENT;

	memset(&c, 0, sizeof(c));
	if (to_u32(&pt, &fmt) || pt > 127)
		return EBADMSG;

	c.pt = (uint8_t)pt;
	static_codec(&c);

	while (!sdesc_attr_next(&a, &lines)) {

		if (of_format(&val, &a, "rtpmap", &fmt) && rtpmap(&c, &val))
			return EBADMSG;

		if (of_format(&val, &a, "fmtp", &fmt))
			c.fmtp = val;
	}

	*res = c;

	return 0;
}


/* ------------------------------------------------------------------ */
/* Direction */


enum sdesc_dir sdesc_dir_reverse(enum sdesc_dir dir)
{
	return (enum sdesc_dir)((dir & 1) << 1 | (dir >> 1 & 1));
}


enum sdesc_dir sdesc_dir_answer(enum sdesc_dir offered, enum sdesc_dir wanted)
{
	return (enum sdesc_dir)(sdesc_dir_reverse(offered) & wanted);
}


/* ------------------------------------------------------------------ */
/* Preconditions */


static const char *const dirv[] = {"none", "send", "recv", "sendrecv"};

static const char *const strengthv[] = {"none", "optional", "mandatory"};


static bool is_one_of(uint8_t *n, const struct pl *word,
		      const char *const *namev, uint8_t count)
{
	uint8_t i;

	for (i = 0; i < count; i++) {
		if (!pl_strcasecmp(word, namev[i])) {
			*n = i;
			return true;
		}
	}

	return false;
}


/** A line `type [strength] status direction` (RFC 3312 s4) */
struct pre {
	struct pl type;
	uint8_t strength;       /**< of des                              */
	uint8_t dir;
	bool local;
	bool remote;            /**< neither: end-to-end                 */
};


static int pre_decode(struct pre *pre, const struct pl *val, bool des)
{
	struct pl rest = *val, word;

	memset(pre, 0, sizeof(*pre));

	if (sdesc_word_next(&pre->type, &rest) ||
	    sdesc_word_next(&word, &rest))
		return EBADMSG;

	if (des) {
		/* failure, unknown: what has failed already is not wanted
		   any more */
		if (!is_one_of(&pre->strength, &word, strengthv, 3) &&
		    pl_strcasecmp(&word, "failure") &&
		    pl_strcasecmp(&word, "unknown"))
			return EBADMSG;
		if (sdesc_word_next(&word, &rest))
			return EBADMSG;
	}

	pre->local = !pl_strcasecmp(&word, "local");
	pre->remote = !pl_strcasecmp(&word, "remote");
	if (!pre->local && !pre->remote && pl_strcasecmp(&word, "e2e"))
		return EBADMSG;

	if (sdesc_word_next(&word, &rest) ||
	    !is_one_of(&pre->dir, &word, dirv, 4))
		return EBADMSG;

	return 0;
}


/* The strongest line counts; directions of the same strength add up */
static void raise(uint8_t *strength, uint8_t *dir, const struct pre *pre)
{
	if (pre->strength > *strength)
		*dir = 0;
	else if (pre->strength < *strength)
		return;

	*strength = pre->strength;
	*dir |= pre->dir;
}


static int add_des(struct sdesc_qos *q, const struct pre *pre)
{
	const bool known = !pl_strcasecmp(&pre->type, "qos") &&
		(pre->local || pre->remote);

	if (!known)
		return pre->strength == SDESC_STRENGTH_MANDATORY ? ENOTSUP : 0;

	if (pre->local)
		raise(&q->strength_local, &q->des_local, pre);
	if (pre->remote)
		raise(&q->strength_remote, &q->des_remote, pre);

	return 0;
}


static void add_curr(struct sdesc_qos *q, const struct pre *pre)
{
	if (pl_strcasecmp(&pre->type, "qos"))
		return;

	if (pre->local)
		q->curr_local |= pre->dir;
	if (pre->remote)
		q->curr_remote |= pre->dir;
}


int sdesc_qos_decode(struct sdesc_qos *res, const struct sdesc_media *m)
{
	struct pl lines = m->lines;
	struct sdesc_attr a;
	struct sdesc_qos q;
	struct pre pre;
	bool any = false;
	int err;

	memset(&q, 0, sizeof(q));

	while (!sdesc_attr_next(&a, &lines)) {

		const bool des = !pl_strcmp(&a.name, "des");
		const bool curr = !pl_strcmp(&a.name, "curr");

		if (!des && !curr && pl_strcmp(&a.name, "conf"))
			continue;

		any = true;
		if (!a.val.p)
			return EBADMSG;
		err = pre_decode(&pre, &a.val, des);
		if (!err && des)
			err = add_des(&q, &pre);
		if (err)
			return err;

		if (curr)
			add_curr(&q, &pre);
		else if (!des && pre.remote)
			q.conf_remote |= pre.dir;
	}

	if (!any)
		return ENOENT;

	*res = q;

	return 0;
}


static uint8_t reverse(uint8_t dir)
{
	return (uint8_t)sdesc_dir_reverse((enum sdesc_dir)dir);
}


void sdesc_qos_reverse(struct sdesc_qos *res, const struct sdesc_qos *q)
{
	const struct sdesc_qos r = {
		.curr_local      = reverse(q->curr_remote),
		.curr_remote     = reverse(q->curr_local),
		.des_local       = reverse(q->des_remote),
		.des_remote      = reverse(q->des_local),
		.strength_local  = q->strength_remote,
		.strength_remote = q->strength_local
	};

	*res = r;
}


/* s6: desired directions that are mandatory are in the current status */
bool sdesc_qos_met(const struct sdesc_qos *q)
{
	if (q->strength_local == SDESC_STRENGTH_MANDATORY &&
	    (q->des_local & ~q->curr_local))
		return false;

	return q->strength_remote != SDESC_STRENGTH_MANDATORY ||
		!(q->des_remote & ~q->curr_remote);
}


static void write_des(struct sip_writer *w, uint8_t strength,
		      const char *status, uint8_t dir)
{
	sip_writer_line(w, "a=des:qos %s %s %s", strengthv[strength % 3],
			status, dirv[dir & 3]);
}


void sdesc_write_qos(struct sip_writer *w, const struct sdesc_qos *q)
{
	sip_writer_line(w, "a=curr:qos local %s", dirv[q->curr_local & 3]);
	sip_writer_line(w, "a=curr:qos remote %s", dirv[q->curr_remote & 3]);
	write_des(w, q->strength_local, "local", q->des_local);
	write_des(w, q->strength_remote, "remote", q->des_remote);
	if (q->conf_remote)
		sip_writer_line(w, "a=conf:qos remote %s",
				dirv[q->conf_remote & 3]);
}


int sdesc_hex_decode(uint8_t *v, size_t n, const char *p, size_t len)
{
	size_t i;

	if (!n || len != 3 * n - 1)
		return EBADMSG;

	for (i = 0; i < n; i++) {

		const char *q = p + 3 * i;
		const int octet = ue_hex_octet(q);

		if (octet < 0 || (i + 1 < n && q[2] != ':'))
			return EBADMSG;
		v[i] = (uint8_t)octet;
	}

	return 0;
}
