// SPDX-License-Identifier: Apache-2.0
// One HTTP request to 127.0.0.1 over a plain socket, so that the test shares no code with the
// server.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

namespace normbench {

// Returns the whole answer, head and body, or "" where nothing answers.
inline std::string Request(int port, const std::string& line) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    const std::string request = line + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
      char part[4096];
      for (ssize_t n; (n = read(fd, part, sizeof part)) > 0;) {
        answer.append(part, static_cast<size_t>(n));
      }
    }
  }
  close(fd);
  return answer;
}

}  // namespace normbench
