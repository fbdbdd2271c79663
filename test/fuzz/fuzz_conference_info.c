/**
 * @file fuzz_conference_info.c  libFuzzer target: hostile conference-info
 * documents
 *
 * Input: documents, separated by NUL octets, for one roster.  One that is
 * refused, old or a gap must leave it as it was; after each one its tables
 * must be whole.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "ue/services/roster.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct {
	struct roster r;
	struct roster before;
	struct sip_store store;
	struct roster_work work;
} f;


static void must(bool cond)
{
	if (!cond)
		abort();
}


/* Is it the begin of a text? */
static void text(uint16_t offset)
{
	const char *p = roster_text(&f.r, offset);
	const unsigned pos = offset % SIP_STORE_PAGE;

	if (!offset)
		return;
	must(offset < f.r.text_len && *p && f.r.pagev[offset / SIP_STORE_PAGE]);
	must(!pos || !p[-1]);
	must(memchr(p, 0, SIP_STORE_PAGE - pos) != NULL);
}


static void check(void)
{
	const struct roster *r = &f.r;
	unsigned i, j;

	must(r->userc <= UE_ROSTER_USERS);
	must(r->endpointc <= UE_ROSTER_ENDPOINTS);
	must(r->mediac <= UE_ROSTER_MEDIA);
	must(r->text_len <= UE_ROSTER_TEXT);
	text(r->entity);
	text(r->subject);
	text(r->name);

	for (i = 0; i < r->userc; i++) {
		text(r->userv[i].entity);
		text(r->userv[i].name);
		text(r->userv[i].roles);
		must(roster_find(r, roster_text(r, r->userv[i].entity)) ==
		     (int)i);
		(void)roster_user_status(r, i);
	}
	for (i = 0; i < r->endpointc; i++) {
		must(r->endpointv[i].user < r->userc);
		text(r->endpointv[i].entity);
		text(r->endpointv[i].name);
		for (j = 0; j < i; j++)
			must(r->endpointv[i].user != r->endpointv[j].user ||
			     r->endpointv[i].entity !=
			     r->endpointv[j].entity);
	}
	for (i = 0; i < r->mediac; i++) {
		must(r->mediav[i].endpoint < r->endpointc);
		text(r->mediav[i].id);
		text(r->mediav[i].type);
	}
}


static void document(const uint8_t *data, size_t len)
{
	enum roster_result result = ROSTER_APPLIED;
	char *buf = malloc(len ? len : 1);
	int err;

	must(buf != NULL);
	if (len)
		memcpy(buf, data, len);

	f.before = f.r;
	err = roster_update(&f.r, &result, &f.work, buf, len);
	must(!err || err == EBADMSG || err == EOVERFLOW);
	if (err || result != ROSTER_APPLIED)
		must(!memcmp(&f.before, &f.r, sizeof(f.r)));
	check();

	free(buf);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const uint8_t *end;

	sip_store_init(&f.store);
	roster_init(&f.r, &f.store);

	while (len) {
		end = memchr(data, 0, len);
		document(data, end ? (size_t)(end - data) : len);
		if (!end)
			break;
		len -= (size_t)(end - data) + 1;
		data = end + 1;
	}

	return 0;
}
