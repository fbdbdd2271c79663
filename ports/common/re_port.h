/**
 * @file re_port.h  libre's headers for ports, once: also those that need
 *                  sockets
 */
#ifndef RE_PORT_H
#define RE_PORT_H

#include "ue/ue_re.h"
#include <re_sa.h>
#include <re_net.h>
#include <re_main.h>
#include <re_mem.h>
#include <re_sys.h>
#include <re_tmr.h>
#include <re_dns.h>

#endif
