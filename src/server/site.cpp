#include "server/site.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <tuple>
#include <vector>

#include "http/response.hpp"
#include "server/embedded_files.hpp"

namespace heliograph::server {

namespace {

constexpr std::string_view kDemoRoot = "/demo/";

struct MediaType {
  std::string_view ending;
  std::string_view type;
};

constexpr MediaType kMediaTypes[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
};

// The pages load nothing from elsewhere and speak to this server only.
constexpr http::Field kPageFields[] = {
    {"Content-Security-Policy",
     "default-src 'self'; connect-src 'self' wss:; base-uri 'none'; form-action 'none'; "
     "frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cache-Control", "no-cache"},
};

const EmbeddedFile* find_page(std::string_view path) {
  std::string name(path.substr(kDemoRoot.size()));
  if (name.empty() || name.ends_with('/')) name += "index.html";
  if (name.starts_with("admin/")) return nullptr;  // are the admin endpoint's
  const auto files = embedded_files();
  const auto found = std::ranges::find(files, name, &EmbeddedFile::path);
  return found == files.end() ? nullptr : &*found;
}

bool has_body(const http::RequestHead& request) {
  const http::Field* const length = request.fields.find("Content-Length");
  return request.fields.find("Transfer-Encoding") != nullptr ||
         (length != nullptr && length->value != "0");
}

class Responder {
 public:
  Responder(const http::RequestHead& request, Buffer& response)
      : response_(response),
        body_(request.method == "HEAD" ? http::Body::kLeftOut : http::Body::kSent) {
    // A body is not read, so that what follows the head could not be told from a next request.
    if (request.minor_version == 0 || request.fields.has_token("Connection", "close") ||
        has_body(request)) {
      after_ = AfterResponse::kClose;
      fields_.push_back({"Connection", "close"});
    }
  }

  AfterResponse respond(int status, std::string_view type, std::string_view body,
                        std::span<const http::Field> fields = {}) {
    fields_.push_back({"Content-Type", type});
    fields_.insert(fields_.end(), fields.begin(), fields.end());
    const bool appended = http::append_response(response_, status, fields_, body, body_);
    return appended ? after_ : AfterResponse::kClose;
  }

 private:
  Buffer& response_;
  http::Body body_;
  AfterResponse after_ = AfterResponse::kKeepAlive;
  std::vector<http::Field> fields_;
};

}  // namespace

std::string_view media_type(std::string_view path) {
  const auto* const found = std::ranges::find_if(
      kMediaTypes, [path](const MediaType& type) { return path.ends_with(type.ending); });
  return found == std::end(kMediaTypes) ? "application/octet-stream" : found->type;
}

AfterResponse answer_request(const http::RequestHead& request, Demo demo, Buffer& response) {
  Responder responder(request, response);
  if (request.method != "GET" && request.method != "HEAD") {
    constexpr http::Field kAllow[] = {{"Allow", "GET, HEAD"}};
    return responder.respond(405, "text/plain", "only GET and HEAD are served here\n", kAllow);
  }
  const std::string_view path = request.path();
  if (demo == Demo::kOff || !path.starts_with(kDemoRoot)) {
    return responder.respond(200, "text/plain", "OK");
  }
  if (path == kDemoRoot) {
    constexpr http::Field kTutorial[] = {{"Location", "/demo/tutorial/"}};
    return responder.respond(307, "text/plain", "the demo is at /demo/tutorial/\n", kTutorial);
  }
  const EmbeddedFile* const page = find_page(path);
  if (page == nullptr) return responder.respond(404, "text/plain", "there is no such page\n");
  return responder.respond(200, media_type(page->path), as_text(page->content), kPageFields);
}

void append_refusal(int status, std::string_view line, Buffer& response) {
  constexpr http::Field kFields[] = {{"Connection", "close"}, {"Content-Type", "text/plain"}};
  std::ignore = http::append_response(response, status, kFields, std::string(line) + "\n");
}

}  // namespace heliograph::server
