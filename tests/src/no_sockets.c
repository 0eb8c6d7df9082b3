/* A file system that takes no sockets, such as FUSE's: bind() below the folder $NO_SOCKETS_BELOW is refused. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int bind(int socket, const struct sockaddr *address, socklen_t length)
{
    int (*real)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "bind");
    const char *folder = getenv("NO_SOCKETS_BELOW");
    const struct sockaddr_un *path = (const struct sockaddr_un *)address;
    if (folder && address->sa_family == AF_UNIX && !strncmp(path->sun_path, folder, strlen(folder))) {
        errno = EPERM;
        return -1;
    }
    return real(socket, address, length);
}
