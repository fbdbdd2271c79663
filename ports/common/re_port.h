/**
 * @file re_port.h  All of libre that a port with sockets may use, once
 *
 * See ue/ue_re.h; this one also brings the system's socket headers.
 */
#ifndef PORT_RE_PORT_H
#define PORT_RE_PORT_H

#include "ue/ue_re.h"
#include <re_hash.h>
#include <re_tmr.h>
#include <re_sa.h>
#include <re_main.h>
#include <re_net.h>
#include <re_udp.h>
#include <re_tcp.h>
#include <re_sys.h>
#include <re_dns.h>

#endif
