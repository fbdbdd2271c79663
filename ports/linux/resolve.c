/**
 * @file resolve.c  Linux port: addresses of a P-CSCF name (RFC 3263 4)
 *
 * NAPTR records name the SRV records in the network's order of preference;
 * without NAPTR the SRV records of both transports are asked for; without SRV,
 * or where a port is given, the name itself is the host.  Each host is asked
 * for A and AAAA.  libre's DNS client asks; one look-up at a time, the latest.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "ports/linux/linux_port.h"


#define SIP_PORT 5060

/** Aliases of aliases that are followed */
#define ALIASES_MAX 8

static void ask_next(struct linux_port *lp);


static void finish(struct linux_port *lp, int err)
{
	struct linux_resolver *r = &lp->resolver;

	if (!err && !r->count)
		err = ENOENT;

	ue_resolved(lp->ue, r->id, err, r->addrv, r->transportv,
		    err ? 0 : r->count);
	linux_port_pump(lp);
}


static void add_target(struct linux_target *v, unsigned *count,
		       const char *name, uint16_t port,
		       enum ue_transport transport)
{
	struct linux_target *t;

	if (*count == UE_PCSCF_MAX || strlen(name) >= sizeof(t->name))
		return;

	t = &v[(*count)++];
	(void)strcpy(t->name, name);
	t->port      = port;
	t->transport = transport;
}


static void add_addr(struct linux_resolver *r, uint8_t family,
		     const uint8_t *ip)
{
	const struct linux_target *host = &r->hostv[r->host_pos];
	struct ue_addr *addr;

	if (r->count == UE_PCSCF_MAX)
		return;

	addr = &r->addrv[r->count];
	memset(addr, 0, sizeof(*addr));
	addr->family = family;
	addr->port   = host->port;
	memcpy(addr->ip, ip, family == 6 ? 16 : 4);
	r->transportv[r->count++] = host->transport;
}


/** RFC 1034 s3.6.2: the records of a name, or those of the name of which it is
 *  an alias.  libre would follow aliases, too, but hands them out as well */
static void each_record(struct list *l, const char *name, uint16_t type,
			dns_rrlist_h *h, void *arg)
{
	const struct dnsrr *rr;

	for (unsigned i = 0; i < ALIASES_MAX; i++) {
		rr = dns_rrlist_find(l, name, DNS_TYPE_CNAME, DNS_CLASS_IN,
				     false);
		if (!rr)
			break;
		name = rr->rdata.cname.cname;
	}
	(void)dns_rrlist_apply(l, name, type, DNS_CLASS_IN, false, h, arg);
}


/** RFC 3263 4.1: services SIP+D2U and SIP+D2T with flag s */
static bool naptr_record(struct dnsrr *rr, void *arg)
{
	struct linux_resolver *r = arg;
	enum ue_transport transport;

	if (strcasecmp(rr->rdata.naptr.flags, "s"))
		return false;

	if (!strcasecmp(rr->rdata.naptr.services, "SIP+D2U"))
		transport = UE_TRANSPORT_UDP;
	else if (!strcasecmp(rr->rdata.naptr.services, "SIP+D2T"))
		transport = UE_TRANSPORT_TCP;
	else
		return false;

	if (!r->want || r->want == transport)
		add_target(r->srvv, &r->srv_count, rr->rdata.naptr.replace, 0,
			   transport);

	return false;
}


static void naptr_answer(int err, const struct dnshdr *hdr,
			 struct list *ansl, struct list *authl,
			 struct list *addl, void *arg)
{
	struct linux_port *lp = arg;
	struct linux_resolver *r = &lp->resolver;
	char name[300];
	bool none;

	(void)hdr;
	(void)authl;
	(void)addl;

	if (!err) {
		dns_rrlist_sort(ansl, DNS_TYPE_NAPTR, (size_t)lp);
		each_record(ansl, r->name, DNS_TYPE_NAPTR, naptr_record, r);
	}

	none = !r->srv_count;
	if (none && r->want != UE_TRANSPORT_TCP) {
		(void)snprintf(name, sizeof(name), "_sip._udp.%s", r->name);
		add_target(r->srvv, &r->srv_count, name, 0,
			   UE_TRANSPORT_UDP);
	}
	if (none && r->want != UE_TRANSPORT_UDP) {
		(void)snprintf(name, sizeof(name), "_sip._tcp.%s", r->name);
		add_target(r->srvv, &r->srv_count, name, 0,
			   UE_TRANSPORT_TCP);
	}

	ask_next(lp);
}


static bool srv_record(struct dnsrr *rr, void *arg)
{
	struct linux_resolver *r = arg;

	/* RFC 2782: a target "." means: not offered here */
	if (rr->rdata.srv.target[0] && strcmp(rr->rdata.srv.target, "."))
		add_target(r->hostv, &r->host_count, rr->rdata.srv.target,
			   rr->rdata.srv.port,
			   r->srvv[r->srv_pos].transport);

	return false;
}


static void srv_answer(int err, const struct dnshdr *hdr, struct list *ansl,
		       struct list *authl, struct list *addl, void *arg)
{
	struct linux_port *lp = arg;
	struct linux_resolver *r = &lp->resolver;

	(void)hdr;
	(void)authl;
	(void)addl;

	if (!err) {
		dns_rrlist_sort(ansl, DNS_TYPE_SRV, (size_t)lp);
		each_record(ansl, r->srvv[r->srv_pos].name, DNS_TYPE_SRV,
			    srv_record, r);
	}

	/* RFC 3263 4.2: no SRV record: the name is a host */
	if (++r->srv_pos == r->srv_count && !r->host_count)
		add_target(r->hostv, &r->host_count, r->name, SIP_PORT,
			   r->want);

	ask_next(lp);
}


static bool addr_record(struct dnsrr *rr, void *arg)
{
	struct linux_resolver *r = arg;
	uint8_t ip[4];

	if (rr->type == DNS_TYPE_AAAA) {
		add_addr(r, 6, rr->rdata.aaaa.addr);
	}
	else {
		/* libre holds an A record in host order */
		for (unsigned i = 0; i < 4; i++)
			ip[i] = (uint8_t)(rr->rdata.a.addr >> (24 - 8 * i));
		add_addr(r, 4, ip);
	}

	return false;
}


static void addr_answer(int err, const struct dnshdr *hdr, struct list *ansl,
			struct list *authl, struct list *addl, void *arg)
{
	struct linux_port *lp = arg;
	struct linux_resolver *r = &lp->resolver;

	(void)hdr;
	(void)authl;
	(void)addl;

	if (!err)
		each_record(ansl, r->hostv[r->host_pos].name,
			    r->ipv6 ? DNS_TYPE_AAAA : DNS_TYPE_A, addr_record,
			    r);

	if (r->ipv6)
		++r->host_pos;
	r->ipv6 = !r->ipv6;

	ask_next(lp);
}


static void ask_next(struct linux_port *lp)
{
	struct linux_resolver *r = &lp->resolver;
	int err;

	if (r->srv_pos < r->srv_count)
		err = dnsc_query(&r->query, r->dnsc,
				 r->srvv[r->srv_pos].name, DNS_TYPE_SRV,
				 DNS_CLASS_IN, true, srv_answer, lp);
	else if (r->host_pos < r->host_count && r->count < UE_PCSCF_MAX)
		err = dnsc_query(&r->query, r->dnsc,
				 r->hostv[r->host_pos].name,
				 r->ipv6 ? DNS_TYPE_AAAA : DNS_TYPE_A,
				 DNS_CLASS_IN, true, addr_answer, lp);
	else {
		finish(lp, 0);
		return;
	}

	if (err)
		finish(lp, err);
}


/** resolv.conf(5): where no server is named the system's resolver asks this
 *  host, which is not what is meant while DHCP has the file empty */
static bool has_server(void)
{
	char line[128];
	FILE *f = fopen("/etc/resolv.conf", "re");
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = !strncmp(line, "nameserver", 10);
	if (f)
		(void)fclose(f);

	return found;
}


/* DHCP may have found them, or others, since the last look-up */
static void find_servers(struct linux_resolver *r)
{
	struct sa nsv[4];
	uint32_t nsc = 4;
	char domain[128];

	if (r->fixed || !has_server() ||
	    dns_srv_get(domain, sizeof(domain), nsv, &nsc) || !nsc)
		return;

	if (r->dnsc)
		(void)dnsc_srv_set(r->dnsc, nsv, nsc);
	else
		(void)dnsc_alloc(&r->dnsc, NULL, nsv, nsc);
}


int linux_resolve(void *arg, uint32_t id, const char *name,
		  enum ue_transport transport)
{
	struct linux_port *lp = arg;
	struct linux_resolver *r = &lp->resolver;
	const size_t len = strcspn(name, ":");

	r->query = mem_deref(r->query);

	find_servers(r);
	if (!r->dnsc)
		return ENOTSUP;
	if (!len || len >= sizeof(r->name) - 16)
		return EINVAL;

	memcpy(r->name, name, len);
	r->name[len]  = '\0';
	r->id         = id;
	r->want       = transport;
	r->srv_count  = 0;
	r->srv_pos    = 0;
	r->host_count = 0;
	r->host_pos   = 0;
	r->ipv6       = false;
	r->count      = 0;

	/* RFC 3263 4.2: with a port the name is a host */
	if (name[len]) {
		add_target(r->hostv, &r->host_count, r->name,
			   (uint16_t)atoi(name + len + 1), transport);
		return dnsc_query(&r->query, r->dnsc, r->name, DNS_TYPE_A,
				  DNS_CLASS_IN, true, addr_answer, lp);
	}

	return dnsc_query(&r->query, r->dnsc, r->name, DNS_TYPE_NAPTR,
			  DNS_CLASS_IN, true, naptr_answer, lp);
}


int linux_resolver_init(struct linux_port *lp, const char *nameserver)
{
	struct sa ns;

	lp->resolver.fixed = nameserver;
	if (!nameserver)
		return 0;

	return sa_decode(&ns, nameserver, strlen(nameserver)) ? EINVAL
		: dnsc_alloc(&lp->resolver.dnsc, NULL, &ns, 1);
}


void linux_resolver_close(struct linux_port *lp)
{
	struct linux_resolver *r = &lp->resolver;

	r->query = mem_deref(r->query);
	r->dnsc  = mem_deref(r->dnsc);
}
