/**
 * @file msrp/imdn.c  Documents of RFC 5438 and RFC 3994
 *
 * Both are a few elements of text.  Elements are looked for by their local
 * names, whatever their prefixes are; nothing else of XML matters here.
 *
 * Who composes (RFC 3994 s3.2):
 *
 *   state     event           action                          next
 *   -----------------------------------------------------------------
 *   IDLE,     key             tell active                     ACTIVE
 *   IDLE*
 *   IDLE*     60 s            -                               IDLE
 *   ACTIVE    15 s            tell idle                       IDLE*
 *             60 s            tell idle                       IDLE
 *             sent            - (idle without a word)         IDLE*
 *   ACTIVE*   key             tell active (a refresh)         ACTIVE
 *             15 s, 60 s      tell idle                       IDLE
 *             sent            -                               IDLE
 *
 * A star: of IDLE, the last active was less than 60 s ago; of ACTIVE, it was
 * longer ago, so that it may be told again.  Times without a key.  Any other
 * pair of state and event: nothing.
 */
#include <errno.h>
#include <string.h>
#include "msrp/head.h"
#include "msrp/imdn.h"

/** Names by enum msrp_imdn_status, from MSRP_IMDN_DELIVERED on */
static const char status_names[] =
	"\11" "delivered"
	"\6" "failed"
	"\11" "displayed"
	"\11" "processed"
	"\6" "stored"
	"\11" "forbidden"
	"\5" "error";


/** The local name of a tag that begins at p, and where it ends */
static const char *local_name(struct pl *name, const char *p, const char *end)
{
	name->p = p;
	for (; p < end && !strchr(" \t\r\n/>", *p); p++) {
		if (*p == ':')
			name->p = p + 1;
	}
	name->l = (size_t)(p - name->p);

	return p;
}


/**
 * The next start tag
 *
 * @param name  Result: local name
 * @param text  Result: characters behind the tag
 * @param rest  What is left
 */
static bool tag(struct pl *name, struct pl *text, struct pl *rest)
{
	const char *end = rest->p + rest->l, *p = rest->p, *q;

	while (p < end && (p = memchr(p, '<', (size_t)(end - p)))) {

		q = local_name(name, ++p, end);
		q = memchr(q, '>', (size_t)(end - q));
		if (!q)
			return false;
		text->p = q + 1;
		if (*p == '/' || *p == '!' || *p == '?') {
			p = q;
			continue;
		}

		q = memchr(text->p, '<', (size_t)(end - text->p));
		if (!q)
			q = end;
		text->l = (size_t)(q - text->p);
		rest->p = q;
		rest->l = (size_t)(end - q);
		return true;
	}

	return false;
}


/** The element of that name: the text behind its start tag */
static bool element(struct pl *text, struct pl *rest, const char *want)
{
	struct pl name;

	while (tag(&name, text, rest)) {
		if (!pl_strcmp(&name, want))
			return true;
	}

	return false;
}


bool msrp_type_is(const struct pl *type, const char *want)
{
	const size_t n = strlen(want);
	const struct pl head = {type->p, n};

	return type->l >= n && !pl_strcasecmp(&head, want) &&
		(type->l == n || want[n - 1] == '/' || type->p[n] == ';' ||
		 type->p[n] == ' ' || type->p[n] == '\t');
}


/** RFC 5438 s6.2: is there no octet of a token in a list? */
static bool is_gap(const struct pl *list, size_t i)
{
	return i >= list->l || strchr(",; \t", list->p[i]);
}


bool msrp_imdn_wanted(const struct pl *want, const struct pl *type,
		      enum msrp_imdn_status status)
{
	const char *word = status == MSRP_IMDN_DELIVERED ?
		"positive-delivery" : status == MSRP_IMDN_FAILED ?
		"negative-delivery" : "display";
	const size_t n = strlen(word);
	size_t i;

	/* RFC 5438 s7.2.1: never about an IMDN */
	if (!want->p || msrp_type_is(type, "message/imdn+xml"))
		return false;

	for (i = 0; want->l - i >= n; i++) {
		if (!memcmp(want->p + i, word, n) &&
		    is_gap(want, i - 1) && is_gap(want, i + n))
			return true;
	}

	return false;
}


/** @return false: it holds what does not belong there */
static bool put_element(struct msrp_text *t, const char *name,
			const struct pl *val)
{
	size_t i;

	msrp_putf(t, "<%s>", name);
	for (i = 0; i < val->l; i++) {
		msrp_put_mem(t, val->p + i, 1);
		if (val->p[i] == '&')
			msrp_put(t, "amp;");
	}
	msrp_putf(t, "</%s>", name);

	return msrp_is_text(val, "\t<>");
}


int msrp_imdn_write(struct msrp_text *t, const struct msrp_cpim *c,
		    enum msrp_imdn_status status)
{
	const char *kind = status >= MSRP_IMDN_DISPLAYED ? "display" :
		"delivery";
	struct pl original = {NULL, 0}, to = {NULL, 0};

	(void)msrp_cpim_uri(&original, &c->imdn_original);
	(void)msrp_cpim_uri(&to, &c->to);

	msrp_put(t, "<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\">");
	/* RFC 5438 s11.1.4: the latter must be there where the message has
	   it; s11.1.9: both or none */
	if (!put_element(t, "message-id", &c->imdn_id) ||
	    !put_element(t, "datetime", &c->datetime) ||
	    (original.l && (!put_element(t, "recipient-uri", &to) ||
			    !put_element(t, "original-recipient-uri",
					 &original))))
		return EINVAL;
	msrp_putf(t, "<%s-notification><status><%n/></status>"
		  "</%s-notification></imdn>", kind, msrp_name(status_names,
			  (unsigned)status - MSRP_IMDN_DELIVERED), kind);

	return t->full ? EOVERFLOW : 0;
}


int msrp_imdn_decode(struct pl *id, enum msrp_imdn_status *status,
		     const struct pl *doc)
{
	struct pl rest = *doc, other = *doc, name, text, found;
	unsigned i;

	if (!element(&found, &rest, "message-id") || !found.l ||
	    !element(&text, &other, "status") || !tag(&name, &text, &other))
		return EBADMSG;

	i = msrp_name_find(status_names, &name, true) + MSRP_IMDN_DELIVERED;
	if (i > MSRP_IMDN_ERROR)
		return EBADMSG;

	*id = found;
	*status = (enum msrp_imdn_status)i;

	return 0;
}


int msrp_composing_write(struct msrp_text *t, bool active)
{
	msrp_putf(t, "<isComposing xmlns=\"urn:ietf:params:xml:ns:"
		  "im-iscomposing\"><state>%s</isComposing>",
		  active ? "active</state><refresh>120</refresh>" :
		  "idle</state>");

	return t->full ? EOVERFLOW : 0;
}


/* The number in the first element of that name; 0: there is none */
static uint32_t element_u32(struct pl rest, const char *name)
{
	struct pl text;

	return element(&text, &rest, name) ? pl_u32(&text) : 0;
}


int msrp_composing_decode(bool *active, uint32_t *refresh_s,
			  const struct pl *doc)
{
	const uint32_t refresh = element_u32(*doc, "refresh");
	struct pl rest = *doc, state;

	if (!element(&state, &rest, "state") || !state.l)
		return EBADMSG;

	/* RFC 3994 s3.3: anything but "active" is idle */
	*active = !pl_strcmp(&state, "active");
	*refresh_s = refresh ? refresh : MSRP_COMPOSING_ACTIVE_S;

	return 0;
}


bool msrp_composing_key(struct msrp_composing *c, uint64_t now_ms)
{
	const bool tell = !c->idle_ms || now_ms >= c->refresh_ms;

	c->idle_ms = now_ms + MSRP_COMPOSING_IDLE_MS;
	/* before the peer's refresh of 120 s runs out, not more often than
	   once in 60 s (RFC 3994 s3.2) */
	if (tell)
		c->refresh_ms = now_ms + MSRP_COMPOSING_REFRESH_MS;

	return tell;
}


bool msrp_composing_due(struct msrp_composing *c, uint64_t now_ms)
{
	if (!c->idle_ms || now_ms < c->idle_ms)
		return false;

	c->idle_ms = 0;

	return true;
}


void msrp_composing_sent(struct msrp_composing *c)
{
	c->idle_ms = 0;
}
