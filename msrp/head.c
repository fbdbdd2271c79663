/**
 * @file msrp/head.c  Header sections of MSRP frames (RFC 4975 s9)
 */
#include <errno.h>
#include <string.h>
#include "msrp/head.h"
#include "msrp/uri.h"

const char msrp_hdr_names[] =
	"\7" "To-Path"
	"\11" "From-Path"
	"\12" "Message-ID"
	"\16" "Success-Report"
	"\16" "Failure-Report"
	"\12" "Byte-Range"
	"\6" "Status"
	"\10" "Use-Path"
	"\7" "Expires"
	"\13" "Min-Expires"
	"\13" "Max-Expires"
	"\20" "WWW-Authenticate"
	"\23" "Authentication-Info"
	"\23" "Content-Disposition"
	"\14" "Content-Type";

const char msrp_method_names[] =
	"\4" "SEND"
	"\6" "REPORT"
	"\4" "AUTH"
	"\10" "NICKNAME";


const char *msrp_name(const char *names, unsigned i)
{
	while (i--)
		names += *names + 1;

	return names;
}


unsigned msrp_name_find(const char *names, const struct pl *name, bool exact)
{
	struct pl pl;
	unsigned i;

	for (i = 0; (pl.l = (uint8_t)*names); i++) {
		pl.p = names + 1;
		if (pl.l == name->l && !(exact ?
		    pl_cmp(&pl, name) : pl_casecmp(&pl, name)))
			break;
		names += pl.l + 1;
	}

	return i;
}


int msrp_line(struct pl *line, struct pl *rest)
{
	const char *nl = memchr(rest->p, '\n', rest->l);

	if (!nl)
		return EBADMSG;

	line->p = rest->p;
	line->l = (size_t)(nl - rest->p);
	rest->l -= line->l + 1;
	rest->p = nl + 1;
	if (!line->l || nl[-1] != '\r')
		return EPROTO;
	--line->l;

	return 0;
}


bool msrp_field(struct pl *name, struct pl *val, const struct pl *line)
{
	const char *colon = memchr(line->p, ':', line->l), *p = colon;
	const char *end = line->p + line->l;

	if (!colon || colon == line->p)
		return false;

	name->p = line->p;
	name->l = (size_t)(colon - line->p);

	/* the blank is missing in what some send: TS 24.247 annex A.5 */
	do
		++p;
	while (p < end && *p == ' ');
	while (end > p && end[-1] == ' ')
		--end;
	val->p = p;
	val->l = (size_t)(end - p);

	return true;
}


bool msrp_is_text(const struct pl *pl, const char *except)
{
	size_t i;

	for (i = 0; i < pl->l; i++) {
		const char c = pl->p[i];

		if (((uint8_t)c < 0x20 && c != '\t') || c == 0x7f ||
		    (*except && strchr(except, c)))
			return false;
	}

	return true;
}


static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}


const char *msrp_number(uint32_t *v, const char *p, const char *end)
{
	uint32_t n = 0;

	if (p == end || !is_digit(*p))
		return NULL;

	for (; p < end && is_digit(*p); ++p) {
		const uint32_t d = (uint32_t)(*p - '0');

		n = n > (MSRP_ANY - 1 - d) / 10 ? MSRP_ANY - 1 : 10 * n + d;
	}
	*v = n;

	return p;
}


static const char *number_or_any(uint32_t *v, const char *p, const char *end)
{
	if (p < end && *p == '*') {
		*v = MSRP_ANY;
		return p + 1;
	}

	return msrp_number(v, p, end);
}


/** range-start "-" range-end "/" total; "1-0/0" means nothing at all */
static bool byte_range(struct msrp_range *r, const struct pl *pl)
{
	const char *p = pl->p, *end = pl->p + pl->l;

	p = msrp_number(&r->start, p, end);
	if (!p || p == end || *p++ != '-')
		return false;
	p = number_or_any(&r->end, p, end);
	if (!p || p == end || *p++ != '/')
		return false;
	p = number_or_any(&r->total, p, end);

	return p == end && r->start && r->end >= r->start - 1;
}


/** Three digits, the first one not 0; 0: there are none */
static uint16_t status_code(const char *p)
{
	if (!is_digit(p[0]) || !is_digit(p[1]) || !is_digit(p[2]) ||
	    p[0] == '0')
		return 0;

	return (uint16_t)(100 * (p[0] - '0') + 10 * (p[1] - '0') +
			  (p[2] - '0'));
}


static int start_line(struct msrp_head *h, const struct pl *line)
{
	const char *end = line->p + line->l, *sp, *p;

	if (line->l < 9)
		return EBADMSG;
	sp = memchr(line->p + 5, ' ', line->l - 5);
	if (!sp || end - sp < 4)
		return EBADMSG;

	h->tid.p = line->p + 5;
	h->tid.l = (size_t)(sp - h->tid.p);
	p = sp + 1;

	/* RFC 4975 s9: status-code [SP comment] */
	if (is_digit(*p)) {
		h->status = status_code(p);
		p += 3;
		if (!h->status || (p < end && *p++ != ' '))
			return EBADMSG;
		h->name.p = p;
		h->name.l = (size_t)(end - p);
		h->bad = h->bad || !msrp_is_text(&h->name, "");
		return 0;
	}

	h->name.p = p;
	h->name.l = (size_t)(end - p);
	for (; p < end; p++) {
		if (*p < 'A' || *p > 'Z')
			return EBADMSG;
	}
	h->method = (enum msrp_method)(MSRP_SEND + msrp_name_find(
			msrp_method_names, &h->name, true));

	return 0;
}


/** One header field; unknown ones are passed over (RFC 4975 s12) */
static void field(struct msrp_head *h, const struct pl *line)
{
	struct pl name, val;
	unsigned i;

	if (!msrp_field(&name, &val, line)) {
		h->bad = true;
		return;
	}

	i = msrp_name_find(msrp_hdr_names, &name, false);
	if (i == MSRP_HDR_MAX)
		return;

	/* the others are checked character by character later */
	if (h->hdrv[i].p || (i > MSRP_BYTE_RANGE && !msrp_is_text(&val, "")))
		h->bad = true;
	h->hdrv[i] = val;
}


static bool is_ident(const struct pl *pl)
{
	size_t i;

	/* other stacks make shorter ones than RFC 4975 s9 has, of any signs */
	if (!pl->l || pl->l > MSRP_TID_MAX)
		return false;

	for (i = 0; i < pl->l; i++) {
		const char c = pl->p[i];

		if (c <= ' ' || c > '~')
			return false;
	}

	return true;
}


static enum msrp_want report(const struct pl *val, enum msrp_want absent)
{
	static const char words[] = "\3" "yes" "\2" "no" "\7" "partial";

	return val->p ? (enum msrp_want)msrp_name_find(words, val, false)
		: absent;
}


/** What the grammar and RFC 4975 s7.1 ask of a whole header section */
static bool is_sound(const struct msrp_head *h)
{
	const struct pl *v = h->hdrv;

	if (!msrp_path_valid(&v[MSRP_TO_PATH]) ||
	    !msrp_path_valid(&v[MSRP_FROM_PATH]))
		return false;

	if (v[MSRP_BYTE_RANGE].p && !h->ranged)
		return false;

	if (h->success > MSRP_NO || h->failure > MSRP_PARTIAL)
		return false;

	/* s7.1: a body has a Content-Type, and nothing else has one */
	if (h->body != (v[MSRP_CONTENT_TYPE].l > 0))
		return false;

	switch (h->method) {

	case MSRP_RESPONSE:
		return !h->body;

	case MSRP_SEND:
		return is_ident(&v[MSRP_MESSAGE_ID]);

	case MSRP_REPORT:
		/* s7.1.2 */
		return is_ident(&v[MSRP_MESSAGE_ID]) && v[MSRP_STATUS].p &&
			!v[MSRP_SUCCESS_REPORT].p && !v[MSRP_FAILURE_REPORT].p;

	default:
		return true;
	}
}


int msrp_head_decode(struct msrp_head *head, const char *p, size_t n,
		     bool body)
{
	struct pl rest = {p, n}, line;
	int err;

	memset(head, 0, sizeof(*head));
	head->body = body;

	do {
		err = msrp_line(&line, &rest);
		if (err == EBADMSG)
			return err;
		head->bad = head->bad || err;

		if (head->tid.p)
			field(head, &line);
		else if (start_line(head, &line))
			return EBADMSG;
	}
	while (rest.l);

	head->ranged = head->hdrv[MSRP_BYTE_RANGE].p &&
		byte_range(&head->range, &head->hdrv[MSRP_BYTE_RANGE]);
	head->success = report(&head->hdrv[MSRP_SUCCESS_REPORT], MSRP_NO);
	head->failure = report(&head->hdrv[MSRP_FAILURE_REPORT], MSRP_YES);
	head->bad = head->bad || !is_sound(head);

	return 0;
}


bool msrp_head_u32(uint32_t *v, const struct msrp_head *head,
		   enum msrp_hdr id)
{
	const struct pl *pl = &head->hdrv[id];
	uint32_t n;

	if (!pl->l || msrp_number(&n, pl->p, pl->p + pl->l) != pl->p + pl->l)
		return false;
	*v = n;

	return true;
}


uint16_t msrp_head_report(const struct msrp_head *head)
{
	const struct pl *pl = &head->hdrv[MSRP_STATUS];

	/* namespace SP status-code [SP comment] */
	if (pl->l < 7 || memcmp(pl->p, "000 ", 4) ||
	    (pl->l > 7 && pl->p[7] != ' '))
		return 0;

	return status_code(pl->p + 4);
}
