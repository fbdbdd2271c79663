/**
 * @file net_log.c  The scripted network: its log, its scripts, its
 * failures
 */
#include <errno.h>
#include <string.h>
#include "test/sim/net_core.h"


/* ------------------------------------------------------------------ */
/* The log */


struct net_rx *net_log_add(const struct net_ctx *x)
{
	struct net *net = x->net;
	struct net_rx *rx;
	size_t len = x->len;

	if (!net->logging || net->logc == NET_LOG)
		return NULL;

	rx = &net->logv[net->logc++];
	rx->at_ms = net->sim->now_ms;
	rx->pcscf = x->pcscf;
	rx->transport = x->transport;
	rx->src = x->src;
	rx->dst = x->dst;
	rx->spi = !x->set ? 0 : x->src.port == x->set->sa.ue.port_uc
		? x->set->sa.spi_ps : x->set->sa.spi_pc;
	rx->code = net->msg.code;
	rx->method = net->msg.method;
	rx->answer = 0;
	if (len >= sizeof(rx->text))
		len = sizeof(rx->text) - 1;
	memcpy(rx->text, net->copy, len);
	rx->text[len] = '\0';

	return rx;
}


const struct net_rx *net_log(const struct net *net, enum sip_method method,
			     unsigned n)
{
	unsigned i;

	for (i = 0; i < net->logc; i++) {

		const struct net_rx *rx = &net->logv[i];

		if (rx->method == method && !rx->code && !n--)
			return rx;
	}

	return NULL;
}


unsigned net_log_count(const struct net *net, enum sip_method method)
{
	unsigned n = 0;

	while (net_log(net, method, n))
		++n;

	return n;
}


static const char *find_hdr(const struct net_rx *rx, const char *name)
{
	const size_t len = strlen(name);
	const char *end, *p;

	if (!rx)
		return NULL;

	end = strstr(rx->text, "\r\n\r\n");
	for (p = strstr(rx->text, "\r\n"); p && p < end;
	     p = strstr(p + 2, "\r\n")) {
		if (!strncmp(p + 2, name, len) && p[2 + len] == ':')
			return p + 2 + len + 1;
	}

	return NULL;
}


bool net_has_hdr(const struct net_rx *rx, const char *name)
{
	return find_hdr(rx, name) != NULL;
}


const char *net_hdr(const struct net_rx *rx, const char *name)
{
	static char bufv[6][600];
	static unsigned next;
	char *buf = bufv[next++ % 6];
	const char *p = find_hdr(rx, name);
	size_t n;

	buf[0] = '\0';
	if (!p)
		return buf;

	p += strspn(p, " ");
	n = strcspn(p, "\r");
	if (n >= sizeof(bufv[0]))
		n = sizeof(bufv[0]) - 1;
	memcpy(buf, p, n);
	buf[n] = '\0';

	return buf;
}


const char *net_prm(const char *text, const char *name)
{
	static char bufv[6][300];
	static unsigned next;
	char *buf = bufv[next++ % 6];
	const size_t len = strlen(name);
	const char *p;
	size_t n;

	buf[0] = '\0';
	for (p = strstr(text, name); p; p = strstr(p + 1, name)) {
		if (p[len] == '=' && p > text && strchr(" ;,", p[-1]))
			break;
	}
	if (!p)
		return buf;

	p += len + 1;
	n = *p == '"' ? strcspn(++p, "\"") : strcspn(p, ",; ");
	if (n >= sizeof(bufv[0]))
		n = sizeof(bufv[0]) - 1;
	memcpy(buf, p, n);
	buf[n] = '\0';

	return buf;
}


/* ------------------------------------------------------------------ */
/* Scripts */


static struct net_step *script_add(struct net_script *s, enum net_act act)
{
	struct net_step *step = &s->v[s->count < NET_SCRIPT ? s->count++
		: NET_SCRIPT - 1];

	memset(step, 0, sizeof(*step));
	step->act = act;
	step->pcscf = -1;

	return step;
}


void net_reg(struct net *net, enum net_act act, uint32_t value)
{
	script_add(&net->reg, act)->value = value;
}


void net_reg_answer(struct net *net, uint16_t code, uint32_t retry_after)
{
	net_reg_at(net, -1, NET_ANSWER, code, retry_after);
}


void net_reg_at(struct net *net, int pcscf, enum net_act act, uint16_t code,
		uint32_t value)
{
	struct net_step *step = script_add(&net->reg, act);

	step->pcscf = pcscf;
	step->code = code;
	step->value = value;
}


void net_sub_answer(struct net *net, uint16_t code, uint32_t retry_after)
{
	struct net_step *step = script_add(&net->sub, NET_ANSWER);

	step->code = code;
	step->value = retry_after;
}


void net_with(struct net_script *script, const char *name, const char *val)
{
	struct net_step *step = &script->v[script->count - 1];

	step->name = name;
	step->val = val;
}


void net_script_next(struct net_step *step, struct net_script *s, int pcscf)
{
	memset(step, 0, sizeof(*step));

	if (s->next < s->count &&
	    (s->v[s->next].pcscf < 0 || s->v[s->next].pcscf == pcscf))
		*step = s->v[s->next++];
}


/* ------------------------------------------------------------------ */
/* Failures */


void net_kill(struct net *net, int pcscf)
{
	unsigned i;

	net->pcscfv[pcscf].up = false;
	net_sec_forget(net, pcscf);

	for (i = 0; i < SIM_CONNS; i++) {
		if (!net->connv[i].used || net->connv[i].pcscf != pcscf)
			continue;
		net->connv[i].used = false;
		sim_tcp_vanish(net->sim, i);
		if (net->sub_conn == (int)i)
			net->sub_conn = -1;
	}

	if (net->restart_clears && net->home_pcscf == pcscf) {
		net->registered = false;
		net->subscribed = false;
	}
}


void net_start(struct net *net, int pcscf)
{
	net->pcscfv[pcscf].up = true;
}


void net_reset(struct net *net)
{
	unsigned i;

	for (i = 0; i < SIM_CONNS; i++) {
		if (!net->connv[i].used)
			continue;
		net->connv[i].used = false;
		sim_tcp_close(net->sim, i, ECONNRESET);
	}

	net->sub_conn = -1;
}
