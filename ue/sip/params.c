/**
 * @file params.c  Parameters: `;name=value` lists of headers and URIs
 */
#include <errno.h>
#include <string.h>
#include "ue/sip/scan.h"


/** Same letters, any case */
bool sip_same(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++) {

		if (a[i] == b[i])
			continue;

		/* the case bit alone, and only of letters */
		if ((a[i] ^ b[i]) != 0x20 || !sip_is_alpha(a[i]))
			return false;
	}

	return true;
}


/** Is the text this word, any case?  RFC 3261 s7.3.1: tokens ignore case */
bool sip_is_word(const struct pl *pl, const char *str)
{
	return pl->p && pl->l == strlen(str) && sip_same(pl->p, str, pl->l);
}


/** gen-value = token / host / quoted-string */
const char *sip_gen_value(struct sip_param *prm, const char *p,
			  const char *end)
{
	struct pl host;
	uint8_t type;
	const char *q;

	if (p == end)
		return NULL;

	prm->quoted = *p == '"';
	if (prm->quoted) {
		q = sip_quoted(p, end);
		if (q)
			sip_set(&prm->val, p + 1, q - 1);
		return q;
	}

	/* hostname and IPv4address are tokens, too */
	q = *p == '[' ? sip_host(&host, &type, p, end) : sip_token(p, end);
	if (q)
		sip_set(&prm->val, p, q);

	return q;
}


/** generic-param = token [ EQUAL gen-value ] */
const char *sip_gen_param(struct sip_param *prm, const char *p,
			  const char *end)
{
	const char *q = sip_token(p, end), *v;

	if (!q)
		return NULL;

	sip_set(&prm->name, p, q);
	prm->val.p  = NULL;
	prm->val.l  = 0;
	prm->quoted = false;

	v = sip_separator(q, end, '=');

	return v ? sip_gen_value(prm, v, end) : q;
}


/** *( SEMI generic-param ); *params begins at the first ';' */
const char *sip_gen_params(struct pl *params, const char *p, const char *end)
{
	struct sip_param prm;
	const char *start = sip_skip_sws(p, end), *q;

	while ((q = sip_separator(p, end, ';')) != NULL) {
		p = sip_gen_param(&prm, q, end);
		if (!p)
			return NULL;
	}

	if (start > p)
		start = p;
	sip_set(params, start, p);

	return p;
}


/**
 * Go on behind a value of a comma-separated list
 *
 * @param p  In: behind the value, or NULL; out: the next value, or NULL:
 *           something else follows
 *
 * @return false at the end of the list or with *p NULL
 */
bool sip_list_more(const char **p, const char *end)
{
	const char *q;

	if (!*p)
		return false;

	q = sip_skip_sws(*p, end);
	if (q == end)
		return false;

	*p = *q == ',' ? sip_skip_sws(q + 1, end) : NULL;

	return *p != NULL;
}


int sip_param_next(struct sip_param *prm, struct pl *rest)
{
	const unsigned mask = SIP_C_TOKEN | SIP_C_PARAM;
	const char *end = sip_end(rest);
	const char *p, *q;
	struct sip_param out = {{NULL, 0}, {NULL, 0}, false};

	if (!rest->p || sip_skip_sws(rest->p, end) == end)
		return ENOENT;

	/* the union of what a header and a URI allow: the text was checked
	   against its own grammar when it was received */
	p = sip_separator(rest->p, end, ';');
	if (!p)
		return EBADMSG;
	q = sip_skip(p, end, mask);
	if (q == p)
		return EBADMSG;
	sip_set(&out.name, p, q);

	p = sip_separator(q, end, '=');
	if (p) {
		q = sip_skip(p, end, mask);
		sip_set(&out.val, p, q);
		if (p < end && *p == '"') {
			q = sip_quoted(p, end);
			if (!q)
				return EBADMSG;
			sip_set(&out.val, p + 1, q - 1);
			out.quoted = true;
		}
		else if (q == p)
			return EBADMSG;
	}

	*prm = out;
	sip_set(rest, q, end);

	return 0;
}


int sip_param_get(struct pl *val, const struct pl *params, const char *name)
{
	struct pl rest = *params;
	struct sip_param prm;
	int err;

	while ((err = sip_param_next(&prm, &rest)) == 0) {
		if (sip_is_word(&prm.name, name)) {
			if (val)
				*val = prm.val;
			return 0;
		}
	}

	return err;
}


int sip_param_uint(uint32_t *v, const struct pl *params, const char *name)
{
	struct pl val;
	uint32_t n;
	int err;

	err = sip_param_get(&val, params, name);
	if (err)
		return err;

	if (!val.p || sip_number(&n, val.p, sip_end(&val)) != sip_end(&val))
		return EBADMSG;

	*v = n;

	return 0;
}


/** First c outside quotes and <>, or end */
static const char *find_outside(const char *p, const char *end, char c)
{
	bool quoted = false, angle = false;

	for (; p < end; ++p) {
		if (quoted) {
			if (*p == '\\' && p + 1 < end)
				++p;
			else if (*p == '"')
				quoted = false;
		}
		else if (*p == '"')
			quoted = true;
		else if (*p == '<' || *p == '>')
			angle = *p == '<';
		else if (*p == c && !angle)
			break;
	}

	return p;
}


void sip_value_split(struct pl *val, struct pl *params,
		     const struct pl *field)
{
	const char *p = field->p, *end = sip_end(field);
	const char *q = find_outside(p, end, ';');

	sip_set(params, q, end);
	p = sip_skip_sws(p, q);
	while (q > p && sip_is_sp(q[-1]))
		--q;
	sip_set(val, p, q);
}


/** The next value of a comma-separated list: *val without space around; p is
 *  behind an earlier comma or at the start.  Returns the position of the
 *  comma or end */
const char *sip_list_value(struct pl *val, const char *p, const char *end)
{
	const char *stop = find_outside(p, end, ',');
	const char *q = stop;

	p = sip_skip_sws(p, q);
	while (q > p && sip_is_sp(q[-1]))
		--q;
	sip_set(val, p, q);

	return stop;
}


int sip_unquote(char *buf, size_t size, const struct pl *str)
{
	const char *p = str->p, *end = sip_end(str);
	const char *q;
	size_t n = 0;

	for (q = p; q < end; q++) {
		if (*q == '\\' && ++q == end)
			return EBADMSG;
		if (*q == '\0' || *q == '\r' || *q == '\n')
			return EBADMSG;
		++n;
	}
	if (n >= size)
		return EOVERFLOW;

	for (n = 0; p < end; p++) {
		if (*p == '\\')
			++p;
		buf[n++] = *p;
	}
	buf[n] = '\0';

	return 0;
}
