/**
 * @file settings.c  Settings of the uims program: `key value` lines
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <mbedtls/platform_util.h>
#include "ports/common/milenage.h"
#include "ports/common/tuak.h"
#include "ports/linux/settings.h"


static int __attribute__((format(printf, 2, 3)))
fail(struct settings *st, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(st->error, sizeof(st->error), fmt, ap);
	va_end(ap);

	return EINVAL;
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


static int set_string(struct settings *st, const char **dst, const char *val)
{
	*dst = keep(st, val);

	return *dst ? 0 : fail(st, "too many settings");
}


static int set_number(struct settings *st, uint32_t *dst, const char *val,
		      uint32_t min, uint32_t max)
{
	char *end;
	unsigned long v;

	errno = 0;
	v = strtoul(val, &end, 10);
	if (errno || *end || end == val || *val == '-' || v < min || v > max)
		return fail(st, "a number from %u to %u is expected", min,
			    max);

	*dst = (uint32_t)v;

	return 0;
}


static int set_flag(struct settings *st, bool *negated, const char *val)
{
	if (!strcmp(val, "on"))
		*negated = false;
	else if (!strcmp(val, "off"))
		*negated = true;
	else
		return fail(st, "on or off is expected");

	return 0;
}


/** One of the words, which end with NULL; the result is its place */
static int set_word(struct settings *st, int *dst, const char *val,
		    const char *const *wordv)
{
	char list[160] = "";

	for (int i = 0; wordv[i]; i++) {
		if (!strcmp(wordv[i], val)) {
			*dst = i;
			return 0;
		}
		if (strlen(list) + strlen(wordv[i]) + 3 < sizeof(list)) {
			(void)strcat(list, i ? ", " : "");
			(void)strcat(list, wordv[i]);
		}
	}

	return fail(st, "one of %s is expected", list);
}


static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;

	return -1;
}


/** 16 or 32 octets in hexadecimal; the error does not repeat the value */
static int set_key(struct settings *st, uint8_t *dst, size_t *lenp,
		   const char *val)
{
	const size_t len = strlen(val) / 2;

	if (strlen(val) % 2 || (len != 16 && len != 32))
		return fail(st, "32 or 64 hexadecimal digits are expected");

	for (size_t i = 0; i < len; i++) {
		const int hi = nibble(val[2 * i]);
		const int lo = nibble(val[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return fail(st, "hexadecimal digits are expected");
		dst[i] = (uint8_t)(hi << 4 | lo);
	}

	*lenp = len;

	return 0;
}


/** `1.2.3.4`, `1.2.3.4:port`, `v6`, `[v6]` or `[v6]:port` */
static int set_address(struct settings *st, struct ue_addr *addr,
		       const char *val)
{
	char buf[64];
	char *host = buf, *port = NULL;
	uint32_t n = 0;

	memset(addr, 0, sizeof(*addr));
	if (strlen(val) >= sizeof(buf))
		return fail(st, "an IP address is expected");
	(void)strcpy(buf, val);

	if (*host == '[') {
		char *end = strchr(++host, ']');

		if (!end || (end[1] && end[1] != ':'))
			return fail(st, "a closing ] is expected");
		port = end[1] ? end + 2 : NULL;
		*end = '\0';
	}
	else if (strchr(host, ':') && strchr(host, ':') ==
		 strrchr(host, ':')) {
		port = strchr(host, ':') + 1;
		port[-1] = '\0';
	}

	if (inet_pton(AF_INET, host, addr->ip) == 1)
		addr->family = 4;
	else if (inet_pton(AF_INET6, host, addr->ip) == 1)
		addr->family = 6;
	else
		return fail(st, "an IP address is expected");

	if (port && set_number(st, &n, port, 0, 65535))
		return EINVAL;
	addr->port = (uint16_t)n;

	return 0;
}


static int set_pcscf(struct settings *st, const char *val)
{
	if (st->pcscf_count == UE_PCSCF_MAX)
		return fail(st, "at most %d P-CSCFs", UE_PCSCF_MAX);

	return set_string(st, &st->ue.pcscfv[st->pcscf_count++], val);
}


static int set_field(struct settings *st, char *dst, size_t size,
		     const char *val)
{
	if (strlen(val) >= size)
		return fail(st, "at most %zu characters", size - 1);

	(void)strcpy(dst, val);

	return 0;
}


/* ---- one function per key ---- */

#define STRING(name, field)						\
	static int key_##name(struct settings *st, const char *val)	\
	{ return set_string(st, &st->field, val); }

STRING(impi, ue.impi)
STRING(impu, ue.impu)
STRING(home, ue.home)
STRING(imei, ue.imei)
STRING(password, ue.password)
STRING(pani, ue.access_network_info)
STRING(contact_params, ue.contact_params)
STRING(user_agent, ue.user_agent)
STRING(store, store)
STRING(dns, dns)

#define FLAG(name, field)						\
	static int key_##name(struct settings *st, const char *val)	\
	{ return set_flag(st, &st->field, val); }

FLAG(gruu, ue.no_gruu)
FLAG(reg_event, ue.no_reg_event)
FLAG(keepalive, ue.no_keepalive)


static int key_imsi(struct settings *st, const char *val)
{
	return set_field(st, st->card.imsi, sizeof(st->card.imsi), val);
}


static int key_mnc_len(struct settings *st, const char *val)
{
	uint32_t n;

	if (set_number(st, &n, val, 2, 3))
		return EINVAL;
	st->card.mnc_len = (uint8_t)n;

	return 0;
}


static int key_local(struct settings *st, const char *val)
{
	return set_address(st, &st->ue.local, val);
}


static int key_transport(struct settings *st, const char *val)
{
	static const char *const wordv[] = {"auto", "udp", "tcp", NULL};
	int n;

	if (set_word(st, &n, val, wordv))
		return EINVAL;
	st->ue.transport = (enum ue_transport_choice)n;

	return 0;
}


static int key_timers(struct settings *st, const char *val)
{
	static const char *const wordv[] = {"ims", "rfc3261", NULL};
	int n;

	if (set_word(st, &n, val, wordv))
		return EINVAL;
	st->ue.timers = (enum ue_timer_profile)n;

	return 0;
}


static int key_sec(struct settings *st, const char *val)
{
	static const char *const wordv[] = {"none", NULL};
	int n;

	return set_word(st, &n, val, wordv);
}


static int key_sigcomp(struct settings *st, const char *val)
{
	bool off;

	if (set_flag(st, &off, val))
		return EINVAL;
	st->ue.sigcomp = !off;

	return 0;
}


static int key_sms(struct settings *st, const char *val)
{
	return set_number(st, &st->ue.sigcomp_sms, val, 2048, 131072);
}


static int key_dms(struct settings *st, const char *val)
{
	return set_number(st, &st->ue.sigcomp_dms, val, 2048, 131072);
}


static int key_cpb(struct settings *st, const char *val)
{
	return set_number(st, &st->ue.sigcomp_cpb, val, 16, 128);
}


static int key_usim(struct settings *st, const char *val)
{
	static const char *const wordv[] = {"soft", NULL};
	int n;

	return set_word(st, &n, val, wordv);
}


static int key_algorithm(struct settings *st, const char *val)
{
	static const char *const wordv[] = {"milenage", "tuak", NULL};
	int n;

	if (set_word(st, &n, val, wordv))
		return EINVAL;
	st->usim.algorithm = (enum usim_algorithm)n;

	return 0;
}


static int key_k(struct settings *st, const char *val)
{
	st->has_k = true;

	return set_key(st, st->usim.k, &st->usim.k_len, val);
}


static int key_opc(struct settings *st, const char *val)
{
	st->has_opc = true;
	st->is_op   = false;

	return set_key(st, st->usim.opc, &st->opc_len, val);
}


static int key_op(struct settings *st, const char *val)
{
	st->has_opc = true;
	st->is_op   = true;

	return set_key(st, st->usim.opc, &st->opc_len, val);
}


static int key_res_len(struct settings *st, const char *val)
{
	uint32_t n;

	if (set_number(st, &n, val, 4, 16))
		return EINVAL;
	st->usim.res_len = n;

	return 0;
}


static int key_expires(struct settings *st, const char *val)
{
	return set_number(st, &st->ue.expires_s, val, 1, UINT32_MAX / 1000);
}


static int key_log(struct settings *st, const char *val)
{
	static const char *const wordv[] = {"error", "warning", "info",
					    "debug", NULL};
	int n;

	if (set_word(st, &n, val, wordv))
		return EINVAL;
	st->log = (enum ue_log_level)n;

	return 0;
}


static const struct {
	const char *name;
	int (*set)(struct settings *st, const char *val);
	const char *help;
} keyv[] = {
	{"impi", key_impi, "private identity, user@realm"},
	{"impu", key_impu, "public identity, sip:user@domain"},
	{"home", key_home, "home network domain"},
	{"imsi", key_imsi, "IMSI, from which the three above are derived"},
	{"mnc_len", key_mnc_len, "digits of the MNC in the IMSI: 2 or 3"},
	{"imei", key_imei, "IMEI for +sip.instance"},
	{"password", key_password, "of a plain registrar (MD5, SHA-256)"},
	{"pcscf", set_pcscf, "host[:port]; once for each P-CSCF"},
	{"local", key_local, "own address[:port]"},
	{"transport", key_transport, "auto, udp or tcp"},
	{"usim", key_usim, "soft"},
	{"algorithm", key_algorithm, "of the USIM: milenage or tuak"},
	{"k", key_k, "subscriber key, hexadecimal"},
	{"opc", key_opc, "OPc or TOPc, hexadecimal"},
	{"op", key_op, "OP or TOP, hexadecimal, instead of opc"},
	{"res_len", key_res_len, "TUAK: octets of RES, 4, 8 or 16"},
	{"sec", key_sec, "none"},
	{"sigcomp", key_sigcomp, "on or off; on: the P-CSCF must know it"},
	{"sms", key_sms, "SigComp: state memory, 2048, 4096 ..."},
	{"dms", key_dms, "SigComp: decompression memory, 2048, 4096 ..."},
	{"cpb", key_cpb, "SigComp: cycles per bit, 16, 32, 64 or 128"},
	{"expires", key_expires, "wanted registration, seconds"},
	{"timers", key_timers, "ims or rfc3261"},
	{"pani", key_pani, "P-Access-Network-Info value"},
	{"contact_params", key_contact_params, "feature tags, ;name=value"},
	{"user_agent", key_user_agent, "User-Agent header"},
	{"gruu", key_gruu, "on or off: ask for a GRUU"},
	{"reg_event", key_reg_event, "on or off: subscribe to reg"},
	{"keepalive", key_keepalive, "on or off: RFC 6223"},
	{"store", key_store, "file for non-volatile values"},
	{"dns", key_dns, "name server, address[:port]"},
	{"log", key_log, "error, warning, info or debug"},
};

#define KEYS (sizeof(keyv) / sizeof(keyv[0]))


void settings_init(struct settings *st)
{
	memset(st, 0, sizeof(*st));
	st->usim.res_len    = 8;
	st->usim.mac_len    = 8;
	st->usim.iterations = 1;
	st->log             = UE_LOG_WARNING;
}


/**
 * Set one value
 *
 * @return 0; EINVAL: st->error says why, naming the key
 */
int settings_set(struct settings *st, const char *key, const char *value)
{
	char why[sizeof(st->error)];

	for (size_t i = 0; i < KEYS; i++) {
		if (strcmp(keyv[i].name, key))
			continue;
		if (!keyv[i].set(st, value))
			return 0;
		(void)strcpy(why, st->error);
		return fail(st, "%.32s: %.200s", key, why);
	}

	return fail(st, "%.64s: no such setting", key);
}


/** KEY=VALUE of the command line */
int settings_set_pair(struct settings *st, const char *pair)
{
	char key[64];
	const size_t len = strcspn(pair, "=");

	if (!pair[len] || !len || len >= sizeof(key))
		return fail(st, "%.64s: KEY=VALUE is expected", pair);

	memcpy(key, pair, len);
	key[len] = '\0';

	return settings_set(st, key, pair + len + 1);
}


/** One line: `key value`, `# comment` or empty */
static int set_line(struct settings *st, char *line)
{
	char *key, *value, *end;

	key = line + strspn(line, " \t");
	if (!*key || *key == '#' || *key == '\n')
		return 0;

	value = key + strcspn(key, " \t\n");
	if (*value)
		*value++ = '\0';
	value += strspn(value, " \t");

	end = value + strlen(value);
	while (end > value && strchr(" \t\r\n", end[-1]))
		*--end = '\0';
	if (!*value)
		return fail(st, "%.64s: a value is missing", key);

	return settings_set(st, key, value);
}


/** A file of such lines; the error names file and line */
int settings_read_file(struct settings *st, const char *path)
{
	char line[1024], why[sizeof(st->error)];
	unsigned n = 0;
	FILE *f = fopen(path, "r");
	int err = 0;

	if (!f)
		return fail(st, "%.128s: %s", path, strerror(errno));

	while (!err && fgets(line, sizeof(line), f)) {
		++n;
		if (!strchr(line, '\n') && !feof(f))
			err = fail(st, "line too long");
		else
			err = set_line(st, line);
	}
	if (err) {
		(void)strcpy(why, st->error);
		(void)fail(st, "%.100s:%u: %.120s", path, n, why);
	}

	mbedtls_platform_zeroize(line, sizeof(line));
	(void)fclose(f);

	return err;
}


/** What one setting says about another; OPc from OP */
int settings_finish(struct settings *st)
{
	const struct tuak_params prm = {
		st->usim.k, st->usim.k_len, 8, st->usim.res_len, 16, 16,
		st->usim.iterations
	};
	const size_t want = st->usim.algorithm == USIM_TUAK ? 32 : 16;
	uint8_t op[32];

	if (!st->pcscf_count)
		return fail(st, "pcscf: this setting is needed");
	if (st->has_k != st->has_opc)
		return fail(st, "%s: this setting is needed with %s",
			    st->has_k ? "opc" : "k",
			    st->has_k ? "k" : "opc");
	if (!st->has_k && !st->ue.password)
		return fail(st, "k: this setting is needed (or password)");
	if (!st->has_k)
		return 0;
	if (st->opc_len != want)
		return fail(st, "%s: %zu octets are expected",
			    st->is_op ? "op" : "opc", want);
	if (want == 16 && st->usim.k_len != 16)
		return fail(st, "k: 16 octets are expected");

	if (st->is_op) {
		memcpy(op, st->usim.opc, sizeof(op));
		if (st->usim.algorithm == USIM_TUAK)
			tuak_topc(st->usim.opc, &prm, op);
		else
			milenage_opc(st->usim.opc, st->usim.k, op);
		mbedtls_platform_zeroize(op, sizeof(op));
		st->is_op = false;
	}

	return 0;
}


void settings_wipe(struct settings *st)
{
	mbedtls_platform_zeroize(st, sizeof(*st));
}


void settings_help(void)
{
	for (size_t i = 0; i < KEYS; i++)
		(void)fprintf(stderr, "  %-15s %s\n", keyv[i].name,
			      keyv[i].help);
}
