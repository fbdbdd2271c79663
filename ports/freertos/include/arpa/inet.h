/**
 * @file arpa/inet.h  Only byte order
 */
#include <netinet/in.h>
