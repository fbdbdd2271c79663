/**
 * @file settings_key.c  Settings as text: one function for each key
 */
#include <errno.h>
#include <string.h>
#include <mbedtls/platform_util.h>
#include "ports/common/settings.h"
#include "ue/ue_hex.h"


static int set_flag(struct settings *st, bool *negated, const char *val)
{
	if (!strcmp(val, "on"))
		*negated = false;
	else if (!strcmp(val, "off"))
		*negated = true;
	else
		return settings_fail(st, "on or off is expected");

	return 0;
}


/** 16 or 32 octets in hexadecimal; the error does not repeat the value, and
 *  leaves the key that there was */
static int set_key(struct settings *st, uint8_t *dst, size_t *lenp,
		   const char *val)
{
	const size_t len = strlen(val) / 2;
	uint8_t key[32];
	int v = 0;

	if (strlen(val) % 2 || (len != 16 && len != 32))
		return settings_fail(st, "32 or 64 hexadecimal digits are "
				     "expected");

	for (size_t i = 0; i < len && v >= 0; i++) {
		v = ue_hex_octet(val + 2 * i);
		key[i] = (uint8_t)v;
	}
	if (v >= 0) {
		memcpy(dst, key, len);
		*lenp = len;
	}
	mbedtls_platform_zeroize(key, sizeof(key));
	if (v < 0)
		return settings_fail(st, "hexadecimal digits are expected");

	return 0;
}


static int set_pcscf(struct settings *st, const char *val)
{
	if (st->pcscf_count == UE_PCSCF_MAX)
		return settings_fail(st, "at most %d P-CSCFs", UE_PCSCF_MAX);
	if (settings_string(st, &st->ue.pcscfv[st->pcscf_count], val))
		return EINVAL;
	++st->pcscf_count;

	return 0;
}


static int set_field(struct settings *st, char *dst, size_t size,
		     const char *val)
{
	if (strlen(val) >= size)
		return settings_fail(st, "at most %zu characters", size - 1);

	(void)strcpy(dst, val);

	return 0;
}


#define STRING(name, field)						\
	static int key_##name(struct settings *st, const char *val)	\
	{ return settings_string(st, &st->field, val); }

STRING(impi, ue.impi)
STRING(impu, ue.impu)
STRING(home, ue.home)
STRING(imei, ue.imei)
STRING(password, ue.password)
STRING(pani, ue.access_network_info)
STRING(privacy, ue.privacy)
STRING(contact_params, ue.contact_params)
STRING(user_agent, ue.user_agent)
#if MSRP_RELAY
STRING(relay, relay.uri)
STRING(relay_user, relay.user)
STRING(relay_password, relay.password)


static int key_relay_expires(struct settings *st, const char *val)
{
	return settings_number(st, &st->relay.expires_s, val, 1, 86400);
}


#if UE_MSRP_TLS
static int key_relay_fingerprint(struct settings *st, const char *val)
{
	uint8_t v[sizeof(st->relay_sha256)];

	if (sdesc_hex_decode(v, sizeof(v), val, strlen(val)))
		return settings_fail(st, "32 octets, AB:CD:..., are expected");
	memcpy(st->relay_sha256, v, sizeof(v));
	st->relay.sha256 = st->relay_sha256;

	return 0;
}
#endif
#endif


#define FLAG(name, field)						\
	static int key_##name(struct settings *st, const char *val)	\
	{ return set_flag(st, &st->field, val); }

FLAG(gruu, ue.no_gruu)
FLAG(messages, no_messages)
#if UE_MSRP_TLS
FLAG(msrps, no_msrps)
#endif
FLAG(reg_event, ue.no_reg_event)
FLAG(keepalive, ue.no_keepalive)


static int key_preconditions(struct settings *st, const char *val)
{
	bool off;

	if (set_flag(st, &off, val))
		return EINVAL;
	st->ue.preconditions = !off;

	return 0;
}


static int key_imsi(struct settings *st, const char *val)
{
	return set_field(st, st->card.imsi, sizeof(st->card.imsi), val);
}


static int key_mnc_len(struct settings *st, const char *val)
{
	uint32_t n;

	if (settings_number(st, &n, val, 2, 3))
		return EINVAL;
	st->card.mnc_len = (uint8_t)n;

	return 0;
}


static int key_local(struct settings *st, const char *val)
{
	return settings_address(st, &st->ue.local, val);
}


/* RFC 3550 s11: RTP has the even port, RTCP the next one */
#define AUDIO_STEP 2

/* What a handset has by TS 26.114, and what any phone has */
static int key_audio(struct settings *st, const char *val)
{
	static const struct ue_codec codecv[] = {
		{"AMR-WB", 16000, 104, "mode-change-capability=2; max-red=0"},
		{"AMR", 8000, 102, "mode-change-capability=2; max-red=0"},
		{"PCMU", 8000, 0, NULL}
	};
	uint32_t port;

	if (settings_number(st, &port, val, 1,
			    UINT16_MAX - AUDIO_STEP * (UE_SESSIONS_MAX - 1)))
		return EINVAL;

	st->audio.port   = (uint16_t)port;
	st->audio.codecv = codecv;
	st->audio.codecc = sizeof(codecv) / sizeof(codecv[0]);
	st->audio.step   = AUDIO_STEP;
	st->ue.audio     = &st->audio;

	return 0;
}


static int key_transport(struct settings *st, const char *val)
{
	static const char *const wordv[] = {"auto", "udp", "tcp", NULL};
	int n;

	if (settings_word(st, &n, val, wordv))
		return EINVAL;
	st->ue.transport = (enum ue_transport_choice)n;

	return 0;
}


static int key_timers(struct settings *st, const char *val)
{
	static const char *const wordv[] = {"ims", "rfc3261", NULL};
	int n;

	if (settings_word(st, &n, val, wordv))
		return EINVAL;
	st->ue.timers = (enum ue_timer_profile)n;

	return 0;
}


static int key_sec(struct settings *st, const char *val)
{
	static const char *const wordv[] = {"none", "ipsec", NULL};
	int n;

	if (settings_word(st, &n, val, wordv))
		return EINVAL;
	st->ue.sec = (enum ue_sec)n;

	return 0;
}


/** `alg/ealg,alg/ealg`: TS 33.203 annex H */
static int key_algs(struct settings *st, const char *val)
{
	const char *p = val;

	for (;;) {

		const size_t len = strcspn(p, ",");
		const size_t sep = strcspn(p, "/,");
		enum ipsec_alg alg;
		enum ipsec_ealg ealg;

		if (sep == len || ipsec_alg_decode(&alg, p, sep) ||
		    ipsec_ealg_decode(&ealg, p + sep + 1, len - sep - 1) ||
		    !ipsec_pair_supported(alg, ealg))
			return settings_fail(st, "%b: ALG/EALG of TS 33.203 "
					     "is expected", p, len);
		if (!p[len])
			break;
		p += len + 1;
	}

	return settings_string(st, &st->ue.sec_algs, val);
}


static int key_spi(struct settings *st, const char *val)
{
	static const char *const wordv[] = {"padded", "plain", NULL};
	int n;

	if (settings_word(st, &n, val, wordv))
		return EINVAL;
	st->ue.sec_plain_spi = n == 1;

	return 0;
}


/** `FIRST-LAST` */
static int key_ports(struct settings *st, const char *val)
{
	char first[8];
	const size_t len = strcspn(val, "-");
	uint32_t min, max;

	if (!val[len] || len >= sizeof(first))
		return settings_fail(st, "FIRST-LAST is expected");
	memcpy(first, val, len);
	first[len] = '\0';

	if (settings_number(st, &min, first, 1024, 65535) ||
	    settings_number(st, &max, val + len + 1, 1024, 65535))
		return EINVAL;
	/* as ipsec_init() */
	if (max < min + 7 || (min <= 5061 && max >= 5060))
		return settings_fail(st, "8 ports or more, without 5060 and "
				     "5061, are expected");
	st->ue.sec_port_min = (uint16_t)min;
	st->ue.sec_port_max = (uint16_t)max;

	return 0;
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
	return settings_number(st, &st->ue.sigcomp_sms, val, 2048, 131072);
}


static int key_dms(struct settings *st, const char *val)
{
	return settings_number(st, &st->ue.sigcomp_dms, val, 8192, 131072);
}


static int key_cpb(struct settings *st, const char *val)
{
	return settings_number(st, &st->ue.sigcomp_cpb, val, 16, 128);
}


static int key_algorithm(struct settings *st, const char *val)
{
	static const char *const wordv[] = {"milenage", "tuak", NULL};
	int n;

	if (settings_word(st, &n, val, wordv))
		return EINVAL;
	st->usim.algorithm = (enum usim_algorithm)n;

	return 0;
}


static int key_k(struct settings *st, const char *val)
{
	if (set_key(st, st->usim.k, &st->usim.k_len, val))
		return EINVAL;
	st->has_k = true;

	return 0;
}


static int set_opc(struct settings *st, const char *val, bool is_op)
{
	if (set_key(st, st->usim.opc, &st->opc_len, val))
		return EINVAL;
	st->has_opc = true;
	st->is_op   = is_op;

	return 0;
}


static int key_opc(struct settings *st, const char *val)
{
	return set_opc(st, val, false);
}


static int key_op(struct settings *st, const char *val)
{
	return set_opc(st, val, true);
}


static int key_res_len(struct settings *st, const char *val)
{
	uint32_t n;

	if (settings_number(st, &n, val, 4, 16))
		return EINVAL;
	st->usim.res_len = n;

	return 0;
}


static int key_expires(struct settings *st, const char *val)
{
	return settings_number(st, &st->ue.expires_s, val, 1,
			       UINT32_MAX / 1000);
}


static int key_log(struct settings *st, const char *val)
{
	static const char *const wordv[] = {"error", "warning", "info",
					    "debug", NULL};
	int n;

	if (settings_word(st, &n, val, wordv))
		return EINVAL;
	st->log = (enum ue_log_level)n;

	return 0;
}


#if COMMAND_HELP
#define HELP(text) text
#else
#define HELP(text) NULL
#endif

const struct settings_key settings_keyv[] = {
	{"impi", key_impi, HELP("private identity, user@realm")},
	{"impu", key_impu, HELP("public identity, sip:user@domain")},
	{"home", key_home, HELP("home network domain")},
	{"imsi", key_imsi,
	 HELP("IMSI, from which the three above are derived")},
	{"mnc_len", key_mnc_len,
	 HELP("digits of the MNC in the IMSI: 2 or 3")},
	{"imei", key_imei, HELP("IMEI for +sip.instance")},
	{"password", key_password,
	 HELP("of a plain registrar (MD5, SHA-256)")},
	{"pcscf", set_pcscf, HELP("host[:port]; once for each P-CSCF")},
	{"local", key_local, HELP("own address[:port]")},
	{"transport", key_transport, HELP("auto, udp or tcp")},
	{"algorithm", key_algorithm, HELP("of the USIM: milenage or tuak")},
	{"k", key_k, HELP("subscriber key, hexadecimal")},
	{"opc", key_opc, HELP("OPc or TOPc, hexadecimal")},
	{"op", key_op, HELP("OP or TOP, hexadecimal, instead of opc")},
	{"res_len", key_res_len, HELP("TUAK: octets of RES, 4, 8 or 16")},
	{"sec", key_sec, HELP("none or ipsec: security agreement, TS 33.203")},
	{"algs", key_algs, HELP("ALG/EALG,... in order of preference")},
	{"spi", key_spi, HELP("padded or plain: SPIs in Security-Client")},
	{"ports", key_ports, HELP("protected ports, FIRST-LAST")},
	{"sigcomp", key_sigcomp,
	 HELP("on or off; on: the P-CSCF must know it")},
	{"sms", key_sms, HELP("SigComp: state memory, 2048, 4096 ...")},
	{"dms", key_dms,
	 HELP("SigComp: decompression memory, 8192, 16384 ...")},
	{"cpb", key_cpb, HELP("SigComp: cycles per bit, 16, 32, 64 or 128")},
	{"expires", key_expires, HELP("wanted registration, seconds")},
	{"timers", key_timers, HELP("ims or rfc3261")},
	{"messages", key_messages, HELP("on or off: messages in sessions")},
#if UE_MSRP_TLS
	{"msrps", key_msrps, HELP("on or off: messages over TLS only")},
#endif
#if MSRP_RELAY
	{"relay", key_relay, HELP("for messages, msrp://ADDRESS:PORT;tcp")},
	{"relay_user", key_relay_user, HELP("name at the relay")},
	{"relay_password", key_relay_password, HELP("there")},
	{"relay_expires", key_relay_expires,
	 HELP("seconds asked for; else the relay decides")},
#if UE_MSRP_TLS
	{"relay_fingerprint", key_relay_fingerprint,
	 HELP("SHA-256 of its certificate, AB:CD:..., with msrps=on")},
#endif
#endif
	{"audio", key_audio, HELP("port for RTP: audio sessions are served")},
	{"preconditions", key_preconditions, HELP("on or off (RFC 3312)")},
	{"pani", key_pani, HELP("P-Access-Network-Info value")},
	{"privacy", key_privacy, HELP("Privacy value: none, id")},
	{"contact_params", key_contact_params,
	 HELP("feature tags, ;name=value")},
	{"user_agent", key_user_agent, HELP("User-Agent header")},
	{"gruu", key_gruu, HELP("on or off: ask for a GRUU")},
	{"reg_event", key_reg_event, HELP("on or off: subscribe to reg")},
	{"keepalive", key_keepalive, HELP("on or off: RFC 6223")},
	{"log", key_log, HELP("error, warning, info or debug")},
};

const unsigned settings_keyc = ARRAY_SIZE(settings_keyv);
