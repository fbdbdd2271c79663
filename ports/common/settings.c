/**
 * @file settings.c  Settings as text: `key value` lines
 */
#include <errno.h>
#include <string.h>
#include <mbedtls/platform_util.h>
#include "ports/common/milenage.h"
#include "ports/common/settings.h"
#include "ports/common/tuak.h"
#include "ue/ue_addr.h"


/** What fits is kept; re_vsnprintf() would drop all of it */
static int append(const char *p, size_t size, void *arg)
{
	struct settings *st = arg;
	const size_t room = sizeof(st->error) - 1 - st->error_len;
	const size_t n = min(size, room);

	memcpy(st->error + st->error_len, p, n);
	st->error_len += n;
	st->error[st->error_len] = '\0';

	return n < size ? EOVERFLOW : 0;
}


static void say(struct settings *st, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)re_vhprintf(fmt, ap, append, st);
	va_end(ap);
}


int settings_fail(struct settings *st, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)re_vhprintf(fmt, ap, append, st);
	va_end(ap);

	return EINVAL;
}


void settings_where(struct settings *st, const char *where, unsigned line)
{
	st->error_len = 0;
	st->error[0]  = '\0';
	if (where)
		say(st, "%s:%u: ", where, line);
}


static const char *keep(struct settings *st, const char *value)
{
	const size_t len = strlen(value) + 1;
	char *p = st->text + st->text_len;

	if (sizeof(st->text) - st->text_len < len)
		return NULL;

	memcpy(p, value, len);
	st->text_len += len;

	return p;
}


int settings_string(struct settings *st, const char **dst, const char *val)
{
	const char *p = keep(st, val);

	if (!p)
		return settings_fail(st, "too many settings");

	*dst = p;

	return 0;
}


int settings_number(struct settings *st, uint32_t *dst, const char *val,
		    uint32_t min, uint32_t max)
{
	uint64_t v = 0;
	const char *p = val;

	while (*p >= '0' && *p <= '9' && v <= UINT32_MAX)
		v = v * 10 + (uint64_t)(*p++ - '0');
	if (*p || p == val || v < min || v > max)
		return settings_fail(st, "a number from %u to %u is expected",
				     min, max);

	*dst = (uint32_t)v;

	return 0;
}


int settings_word(struct settings *st, int *dst, const char *val,
		  const char *const *wordv)
{
	for (int i = 0; wordv[i]; i++) {
		if (!strcmp(wordv[i], val)) {
			*dst = i;
			return 0;
		}
	}

	say(st, "one of ");
	for (int i = 0; wordv[i]; i++)
		say(st, i ? ", %s" : "%s", wordv[i]);

	return settings_fail(st, " is expected");
}


int settings_address(struct settings *st, struct ue_addr *addr,
		     const char *val)
{
	char buf[64];
	char *host = buf, *port = NULL;
	struct ue_addr a;
	struct pl pl;
	uint32_t n = 0;

	if (strlen(val) >= sizeof(buf))
		return settings_fail(st, "an IP address is expected");
	(void)strcpy(buf, val);

	if (*host == '[') {
		char *end = strchr(++host, ']');

		if (!end || (end[1] && end[1] != ':'))
			return settings_fail(st, "a closing ] is expected");
		port = end[1] ? end + 2 : NULL;
		*end = '\0';
	}
	else if (strchr(host, ':') && strchr(host, ':') ==
		 strrchr(host, ':')) {
		port = strchr(host, ':') + 1;
		port[-1] = '\0';
	}

	pl_set_str(&pl, host);
	if (ue_addr_decode(&a, &pl))
		return settings_fail(st, "an IP address is expected");
	if (port && settings_number(st, &n, port, 0, 65535))
		return EINVAL;
	a.port = (uint16_t)n;
	*addr  = a;

	return 0;
}


void settings_init(struct settings *st, const struct settings_key *portv,
		   unsigned portc, void *arg)
{
	memset(st, 0, sizeof(*st));
	st->portv = portv;
	st->portc = portc;
	st->arg   = arg;
	st->no_msrps = true;
	st->usim.res_len    = 8;
	st->usim.mac_len    = 8;
	st->usim.iterations = 1;
	st->log             = UE_LOG_WARNING;
}


int settings_set(struct settings *st, const char *key, const char *value)
{
	const size_t len = st->error_len;

	for (unsigned i = 0; i < settings_keyc + st->portc; i++) {
		const struct settings_key *k = i < settings_keyc
			? &settings_keyv[i] : &st->portv[i - settings_keyc];

		if (strcmp(k->name, key))
			continue;
		say(st, "%s: ", key);
		if (k->set(st, value))
			return EINVAL;
		st->error_len = len;
		st->error[len] = '\0';
		return 0;
	}

	return settings_fail(st, "%s: no such setting", key);
}


int settings_set_pair(struct settings *st, const char *pair)
{
	char key[64];
	const size_t len = strcspn(pair, "=");

	settings_where(st, NULL, 0);
	if (!pair[len] || !len || len >= sizeof(key))
		return settings_fail(st, "%s: KEY=VALUE is expected", pair);

	memcpy(key, pair, len);
	key[len] = '\0';

	return settings_set(st, key, pair + len + 1);
}


int settings_set_line(struct settings *st, char *line)
{
	char *key, *value, *end;

	key = line + strspn(line, " \t");
	if (!*key || strchr("#\r\n", *key))
		return 0;

	value = key + strcspn(key, " \t\n");
	if (*value)
		*value++ = '\0';
	value += strspn(value, " \t");

	end = value + strlen(value);
	while (end > value && strchr(" \t\r\n", end[-1]))
		*--end = '\0';
	if (!*value)
		return settings_fail(st, "%s: a value is missing", key);

	return settings_set(st, key, value);
}


/** TS 35.206 4.1, TS 35.231 6.2: OPc or TOPc of what the operator gave */
static int opc_of_op(struct settings *st)
{
	const struct tuak_params prm = {
		st->usim.k, st->usim.k_len, 8, st->usim.res_len, 16, 16,
		st->usim.iterations
	};
	uint8_t op[32];
	int err = 0;

	memcpy(op, st->usim.opc, sizeof(op));
	if (st->usim.algorithm == USIM_TUAK)
		tuak_topc(st->usim.opc, &prm, op);
	else
		err = milenage_opc(st->usim.opc, st->usim.k, op);
	mbedtls_platform_zeroize(op, sizeof(op));
	if (!err)
		st->is_op = false;

	return err;
}


int settings_finish(struct settings *st)
{
	const size_t want = st->usim.algorithm == USIM_TUAK ? 32 : 16;

	settings_where(st, NULL, 0);
	if (!st->pcscf_count)
		return settings_fail(st, "pcscf: this setting is needed");
	if (st->has_k != st->has_opc)
		return settings_fail(st, st->has_k
			? "opc: this setting is needed with k"
			: "k: this setting is needed with opc");
	if (st->has_k && st->other_usim)
		return settings_fail(st, "k: not with the card of usim");
	if (st->other_usim)
		return 0;
	if (st->card.imsi[0] && !st->card.mnc_len && !st->ue.impi)
		return settings_fail(st, "mnc_len: this setting is needed "
				     "with imsi");
	if (!st->has_k && !st->ue.password)
		return settings_fail(st, "k: this setting is needed (or "
				     "password)");
	if (!st->has_k)
		return 0;
	if (st->opc_len != want)
		return settings_fail(st, "%s: %zu octets are expected",
				     st->is_op ? "op" : "opc", want);
	if (want == 16 && st->usim.k_len != 16)
		return settings_fail(st, "k: 16 octets are expected");

	if (st->is_op && opc_of_op(st))
		return settings_fail(st, "op: AES fails");

	return 0;
}


void settings_wipe(struct settings *st)
{
	mbedtls_platform_zeroize(st, sizeof(*st));
}


void settings_help(const struct settings *st, output_h *outh, void *arg)
{
	for (unsigned i = 0; i < settings_keyc; i++)
		output_help(outh, arg, settings_keyv[i].name,
			    settings_keyv[i].help);
	for (unsigned i = 0; i < st->portc; i++)
		output_help(outh, arg, st->portv[i].name, st->portv[i].help);
}
