// Java's java.net.http as a peer of ws_matrix.py, run by `java WsPeer.java`:
//
//   WsPeer client URL CA CASE...
//
// It knows no extensions.
import java.io.FileInputStream;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

class WsPeer {
  // Everything that arrives, in words.
  static class Arrivals implements WebSocket.Listener {
    final BlockingQueue<String> words = new LinkedBlockingQueue<>();
    final StringBuilder message = new StringBuilder();

    String next() throws InterruptedException {
      String word = words.poll(10, TimeUnit.SECONDS);
      return word == null ? "nothing" : word;
    }

    CompletionStage<?> take(WebSocket socket, CharSequence part, boolean last) {
      message.append(part);
      if (last) {
        words.add(message.toString());
        message.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      return take(socket, part, last);
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer part, boolean last) {
      return take(socket, StandardCharsets.ISO_8859_1.decode(part), last);
    }

    @Override
    public CompletionStage<?> onPong(WebSocket socket, ByteBuffer payload) {
      return take(socket, "pong " + StandardCharsets.US_ASCII.decode(payload), true);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      words.add("closed " + code);
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      words.add(error.toString());
    }
  }

  static SSLContext trusting(String ca) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    try (InputStream file = new FileInputStream(ca)) {
      trusted.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(file));
    }
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  static String run(HttpClient client, String url, String what) throws Exception {
    Arrivals arrivals = new Arrivals();
    WebSocket.Builder builder = client.newWebSocketBuilder();
    if (what.equals("subprotocol")) builder.subprotocols("chat.v1", "chat.v2");
    WebSocket socket = builder.buildAsync(URI.create(url), arrivals).get(10, TimeUnit.SECONDS);
    int code = what.equals("close") ? 4000 : 1000;
    String wanted = null;
    switch (what) {
      case "text" -> {
        wanted = "Grüße, 你好";
        socket.sendText(wanted, true).get();
      }
      case "binary" -> {
        byte[] bytes = new byte[65536];
        for (int i = 0; i < bytes.length; ++i) bytes[i] = (byte) (i * 7);
        wanted = new String(bytes, StandardCharsets.ISO_8859_1);
        socket.sendBinary(ByteBuffer.wrap(bytes), true).get();
      }
      case "fragments" -> {
        wanted = "fragments";
        for (String part : new String[] {"frag", "", "men"}) socket.sendText(part, false).get();
        socket.sendText("ts", true).get();
      }
      case "ping" -> {
        wanted = "pong are you there";
        socket.sendPing(ByteBuffer.wrap("are you there".getBytes())).get();
      }
      case "too-big" -> {
        code = 1009;
        socket.sendBinary(ByteBuffer.allocate(65537), true);
      }
      case "subprotocol" -> {
        if (!socket.getSubprotocol().equals("chat.v2")) return "another subprotocol";
      }
      case "open", "close" -> {}
      default -> {
        return "cannot";
      }
    }
    if (wanted != null) {
      String word = arrivals.next();
      if (!word.equals(wanted)) return word;
    }
    if (code != 1009) socket.sendClose(code, "bye").get();
    String last = arrivals.next();
    return last.equals("closed " + code) ? "ok" : last;
  }

  public static void main(String[] arguments) throws Exception {
    HttpClient client = HttpClient.newBuilder().sslContext(trusting(arguments[2])).build();
    for (int i = 3; i < arguments.length; ++i) {
      String result;
      try {
        result = run(client, arguments[1], arguments[i]);
      } catch (Exception error) {
        result = error.toString();
      }
      System.out.println(arguments[i] + " " + result);
    }
    System.exit(0);
  }
}
