/**
 * @file fuzz_usim_card.c  libFuzzer target: a hostile card, a hostile modem
 *
 * Input: the first octet chooses. Even: answers of a card, each after an octet
 * of length. Odd: what a modem says, where an octet 0 stands for silence.
 * Identities are read, then a challenge is answered. Text that is taken must
 * be printable and end; a job must come to its end within as many answers as
 * its bound allows; a modem's job must end once.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "ports/common/usim_at.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/** Files of both applications, SELECT and READ each, and the applications;
 *  8 answers to one command */
#define ANSWERS_MAX (8 * 16)

static struct usim_apdu card;
static struct usim_at at;
static unsigned jobs, ends;
static const uint8_t challenge[16] = {1, 2, 3};


static void must(bool cond)
{
	if (!cond)
		abort();
}


static void text(const char *str, size_t size)
{
	const char *end = memchr(str, '\0', size);

	must(end != NULL);
	for (; str < end; str++)
		must(*str > ' ' && *str <= '~');
}


static void result(const struct usim_apdu *c)
{
	text(c->id.impi, sizeof(c->id.impi));
	text(c->id.impu, sizeof(c->id.impu));
	text(c->id.domain, sizeof(c->id.domain));
	text(c->id.imsi, sizeof(c->id.imsi));
	must(!c->id.mnc_len || c->id.mnc_len == 2 || c->id.mnc_len == 3);
	must(c->res.res_len <= 16);
	must(c->cmd_len <= USIM_COMMAND_MAX);
}


/** One job; the rest of the input */
static int job(const uint8_t **pp, const uint8_t *end)
{
	unsigned count = 0;
	int err = EAGAIN;

	while (err == EAGAIN && *pp < end) {

		const uint8_t *p = *pp + 1;
		size_t n = **pp;
		uint8_t *ans;

		if (n > (size_t)(end - p))
			n = (size_t)(end - p);

		/* its own block: reading one octet too far is seen */
		ans = malloc(n ? n : 1);
		must(ans != NULL);
		memcpy(ans, p, n);
		err = usim_apdu_answer(&card, ans, n);
		free(ans);

		*pp = p + n;
		must(++count <= ANSWERS_MAX);
		result(&card);
	}

	return err;
}


static void a_card(const uint8_t *p, const uint8_t *end)
{
	usim_apdu_init(&card, false);
	usim_apdu_identify(&card);

	if (!job(&p, end) &&
	    !usim_apdu_authenticate(&card, challenge, challenge))
		(void)job(&p, end);

	usim_apdu_close(&card);
}


static void send_h(const char *cmd, size_t len, void *arg)
{
	(void)arg;
	must(len > 2 && len <= USIM_AT_COMMAND_MAX && cmd[len - 1] == '\r');
}


static void done_h(enum usim_at_job done, int err, void *arg)
{
	(void)arg;

	if (done)
		++ends;
	must(ends <= jobs);
	result(&at.card);

	if (!err && done == USIM_AT_IDENTIFY) {
		if (!usim_at_check(&at))
			++jobs;
	}
	else if (done) {
		if (!usim_at_authenticate(&at, challenge, challenge))
			++jobs;
	}
}


static void a_modem(const uint8_t *p, const uint8_t *end)
{
	jobs = ends = 0;
	usim_at_init(&at, send_h, done_h, NULL);
	++jobs;
	must(!usim_at_identify(&at));

	for (; p < end; p++) {
		if (*p)
			usim_at_recv(&at, p, 1);
		else
			usim_at_timeout(&at);
		must(jobs - ends <= 1);
	}

	usim_at_close(&at);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (!len)
		return 0;

	if (*data & 1)
		a_modem(data + 1, data + len);
	else
		a_card(data + 1, data + len);

	return 0;
}
