/**
 * @file esp.h  ESP on Linux: in this process behind a TUN device, or in the
 * kernel
 *
 *   linux_esp_open()     at the start: which way works here
 *   linux_esp_protect()  a socket, before it is bound: from then on nothing
 *                        leaves it in the clear and only what has come
 *                        through ESP reaches it
 *   linux_esp_install()  a set of associations, which is in the database of
 *                        the engine, too
 *   linux_esp_remove()   that set; its ports stay protected
 *   linux_esp_close()    all is as it was
 *
 * See docs/architecture.md for how packets travel.
 */
#ifndef LINUX_ESP_H
#define LINUX_ESP_H

#include <net/if.h>
#include "ipsec/ipsec.h"
#include "ports/linux/netlink.h"
#include "ue/ue_port.h"

enum linux_esp_mode {
	LINUX_ESP_AUTO = 0,     /**< the first of these that works       */
	LINUX_ESP_TUN,          /**< engine of ipsec/, TUN, raw sockets  */
	LINUX_ESP_XFRM          /**< the kernel's ESP                    */
};

/** Every ESP packet as it goes over the wire (LINUX_ESP_TUN only) */
typedef void (linux_esp_packet_h)(const uint8_t *packet, size_t len,
				  void *arg);

/** Protected ports that are remembered.  XFRM: a port without a socket stays
 *  one as long as there is room, because the kernel may still have segments of
 *  a closed connection to send */
#define ESP_GUARDS 16

struct esp_guard {
	struct ue_addr local;           /**< family 0: free              */
	unsigned users;                 /**< sockets                     */
	bool muted;                     /**< XFRM: mute is a socket      */
	int mute;
};

/** Ports of connections: as many as there can be sets, and one that is new */
#define ESP_STRAYS (IPSEC_SETS + 1)

/** What answers segments of connections that are closed */
struct esp_stray {
	struct ue_addr local;           /**< family 0: free              */
	int fd;
};

/** User-space ESP */
struct esp_tun {
	int fd;                         /**< TUN device, -1 = none       */
	int raw4, raw6;                 /**< ESP sockets, -1 = none      */
	struct netlink route;
	unsigned ifindex;
	char name[IFNAMSIZ];
	uint8_t local6[16];             /**< address of raw6             */
	bool route6;                    /**< IPv6 finds the device       */
	struct esp_guard udpv[ESP_GUARDS];      /**< ports with a socket */
	struct esp_stray strayv[ESP_STRAYS];    /**< ring                */
	unsigned stray_pos;
	struct ipsec *db;
	linux_esp_packet_h *packeth;
	void *arg;
};

/** ESP of the kernel */
struct esp_xfrm {
	struct netlink nl;
	uint32_t reqid;                 /**< marks what is ours          */
	unsigned pairs;                 /**< pairs that the kernel has   */
	struct esp_guard guardv[ESP_GUARDS];    /**< ring                */
	unsigned guard_pos;             /**< where the oldest may be     */
	struct ipsec_params setv[IPSEC_SETS];   /* no keys; family 0: free */
	struct ipsec_stats gone;        /**< counters of removed states  */
};

struct linux_esp {
	enum linux_esp_mode mode;       /**< AUTO: not open              */
	struct esp_tun tun;
	struct esp_xfrm xfrm;
};

/* esp.c */

/**
 * @param esp   Overwritten
 * @param mode  The way, or AUTO
 * @param db    Database that the engine works on, kept
 * @param what  Result on failure: which step it was, for people; constant.
 *              AUTO: of the TUN device
 *
 * @return 0; EPERM without CAP_NET_ADMIN and CAP_NET_RAW; ENOTSUP, ENOENT,
 *         ... the system has it not
 */
int  linux_esp_open(struct linux_esp *esp, enum linux_esp_mode mode,
		    struct ipsec *db, const char **what);
void linux_esp_close(struct linux_esp *esp);
const char *linux_esp_name(enum linux_esp_mode mode);

/**
 * @param fd      Socket, not bound yet
 * @param local   What it will be bound to; port not 0
 * @param remote  Where most traffic will go
 * @param kind    DATAGRAM, CONNECT or LISTEN
 *
 * @return 0; EINVAL; ENOMEM too many ports; an errno of the kernel
 */
int  linux_esp_protect(struct linux_esp *esp, int fd,
		       const struct ue_addr *local,
		       const struct ue_addr *remote, enum ue_flow_kind kind);

/** That socket is closed, or could not be bound */
void linux_esp_release(struct linux_esp *esp, const struct ue_addr *local,
		       enum ue_flow_kind kind);

bool linux_esp_pair(const struct linux_esp *esp, enum ipsec_alg alg,
		    enum ipsec_ealg ealg);
int  linux_esp_install(struct linux_esp *esp, const struct ipsec_params *prm,
		       const struct ipsec_keys *keys);
void linux_esp_remove(struct linux_esp *esp, const struct ipsec_offer *ue);

/** Counters since the start.  The kernel tells only protected packets,
 *  replays, wrong ICVs and packets for other ports */
void linux_esp_stats(struct linux_esp *esp, struct ipsec_stats *stats);

/* esp_tun.c */
int  esp_tun_open(struct esp_tun *tun, struct ipsec *db, const char **what);
void esp_tun_close(struct esp_tun *tun);
int  esp_tun_protect(struct esp_tun *tun, int fd,
		     const struct ue_addr *local,
		     const struct ue_addr *remote, enum ue_flow_kind kind);
void esp_tun_release(struct esp_tun *tun, const struct ue_addr *local,
		     enum ue_flow_kind kind);
void esp_tun_remove(struct esp_tun *tun, const struct ipsec_offer *ue);

/* esp_xfrm.c */
int  esp_xfrm_open(struct esp_xfrm *x, const char **what);
void esp_xfrm_close(struct esp_xfrm *x);
int  esp_xfrm_protect(struct esp_xfrm *x, const struct ue_addr *local,
		      enum ue_flow_kind kind);
void esp_xfrm_release(struct esp_xfrm *x, const struct ue_addr *local,
		      enum ue_flow_kind kind);
bool esp_xfrm_pair(const struct esp_xfrm *x, enum ipsec_alg alg,
		   enum ipsec_ealg ealg);
int  esp_xfrm_install(struct esp_xfrm *x, const struct ipsec_params *prm,
		      const struct ipsec_keys *keys);
void esp_xfrm_remove(struct esp_xfrm *x, const struct ipsec_offer *ue);
void esp_xfrm_stats(struct esp_xfrm *x, struct ipsec_stats *stats);

#endif
