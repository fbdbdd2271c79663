/**
 * @file linux_port.h  struct ue_port on Linux: sockets, DNS, files, clock
 *
 * One thread, libre's loop.  All state is in struct linux_port, which the
 * program declares.
 */
#ifndef LINUX_PORT_H
#define LINUX_PORT_H

#include "ports/common/re_port.h"
#include "ports/common/usim_soft.h"
#include "ue/ue.h"

/** Octets that a TCP flow takes while the socket is full */
#define LINUX_OUT_MAX (4 * UE_SIP_MSG_MAX)

/** Values and their sizes in the non-volatile store */
#define NV_KEY_MAX 16
#define NV_VALUE_MAX 512
#define NV_ENTRIES 8

struct linux_flow {
	struct linux_port *port;
	unsigned num;
	int fd;                         /**< -1 = free                   */
	enum ue_flow_kind kind;
	bool connecting;
	struct ue_addr local;
	struct ue_addr remote;
	size_t out_len;
	uint8_t out[LINUX_OUT_MAX];
};

struct nv_entry {
	char key[NV_KEY_MAX];           /**< empty = free                */
	uint16_t len;
	uint8_t value[NV_VALUE_MAX];
};

/** Non-volatile store: a file that is replaced as a whole */
struct nv_file {
	char path[256];                 /**< empty: in memory only       */
	struct nv_entry entryv[NV_ENTRIES];
};

/** A name on the way to addresses: an SRV name, or a host with its port */
struct linux_target {
	char name[256];
	uint16_t port;
	enum ue_transport transport;
};

/** One look-up of a P-CSCF name (RFC 3263) */
struct linux_resolver {
	struct dnsc *dnsc;              /**< NULL = no name server known */
	struct dns_query *query;
	char name[256];                 /**< empty = idle                */
	enum ue_transport want;         /**< 0 = any                     */
	struct linux_target srvv[UE_PCSCF_MAX];
	unsigned srv_count;
	unsigned srv_pos;
	struct linux_target hostv[UE_PCSCF_MAX];
	unsigned host_count;
	unsigned host_pos;
	bool ipv6;                      /**< AAAA of hostv[host_pos]     */
	struct ue_addr addrv[UE_PCSCF_MAX];
	enum ue_transport transportv[UE_PCSCF_MAX];
	size_t count;
};

typedef void (linux_trace_h)(const struct ue_trace *trace, void *arg);

struct linux_port {
	struct ue_port port;            /**< for ue_init()               */
	struct ue *ue;
	struct tmr tmr;
	bool woken;
	struct linux_flow flowv[UE_FLOWS_MAX];
	struct linux_resolver resolver;
	struct nv_file nv;
	struct ue_identity identity;
	bool has_identity;
	struct usim_soft usim;
	bool has_usim;
	linux_trace_h *traceh;
	void *arg;
};

/* linux_port.c */
void linux_port_init(struct linux_port *lp, struct ue *ue);
void linux_port_close(struct linux_port *lp);
void linux_port_pump(struct linux_port *lp);

/* platform.c */
int  linux_platform_init(void);
void linux_platform_close(void);

/* flow.c */
void linux_flow_init(struct linux_port *lp);
void linux_flow_close_all(struct linux_port *lp);

/* resolve.c */
int  linux_resolver_init(struct linux_port *lp, const char *nameserver);
void linux_resolver_close(struct linux_port *lp);
int  linux_resolve(void *arg, const char *name, enum ue_transport transport);

/* nv_file.c */
int  nv_file_open(struct nv_file *nv, const char *path);
int  nv_file_read(struct nv_file *nv, const char *key, void *buf,
		  size_t *len);
int  nv_file_write(struct nv_file *nv, const char *key, const void *buf,
		   size_t len);

#endif
