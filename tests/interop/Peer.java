// Java's JSSE as a peer of matrix.py, run by `java Peer.java`:
//
//   Peer client PORT CASE CA [PKCS12]
//   Peer server PORT CASE CA PKCS12
//
// The PKCS#12 file has the certificate and its key, under the password "changeit".
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.Security;
import java.security.cert.CertificateFactory;
import javax.net.ssl.*;

class Peer {
  // Bytes after which the keys change: a first request is longer than that, all that follows is not.
  static final int KEY_LIMIT = 2000;
  static final char[] PASSWORD = "changeit".toCharArray();

  static SSLContext context(String ca, String identity) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    try (InputStream file = new FileInputStream(ca)) {
      trusted.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(file));
    }
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trusted);
    KeyManager[] keys = null;
    if (identity != null) {
      KeyStore own = KeyStore.getInstance("PKCS12");
      try (InputStream file = new FileInputStream(identity)) {
        own.load(file, PASSWORD);
      }
      KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
      factory.init(own, PASSWORD);
      keys = factory.getKeyManagers();
    }
    SSLContext context = SSLContext.getInstance("TLSv1.3");
    context.init(keys, trust.getTrustManagers(), null);
    return context;
  }

  static void ask(SSLSocket socket, String path, boolean last) throws IOException {
    String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: "
        + (last ? "close" : "keep-alive") + "\r\nX-Padding: " + "x".repeat(last ? 0 : 2 * KEY_LIMIT)
        + "\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    byte[] block = new byte[4096];
    StringBuilder response = new StringBuilder();
    while (last || !(response.indexOf("\r\n\r\nTLS_") >= 0 && response.charAt(response.length() - 1) == '\n')) {
      int count = socket.getInputStream().read(block);
      if (count < 0) break;
      response.append(new String(block, 0, count, StandardCharsets.US_ASCII));
    }
    System.out.println(response);
  }

  static SSLSocket connect(SSLContext context, int port) throws IOException {
    SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("localhost", port);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    return socket;
  }

  static void client(SSLContext context, int port, String what) throws IOException {
    if (what.equals("resumed")) {
      try (SSLSocket socket = connect(context, port)) {
        ask(socket, "/", true);
      }
    }
    try (SSLSocket socket = connect(context, port)) {
      if (what.equals("key-update")) ask(socket, "/keyupdate", false);
      ask(socket, "/", true);
    }
  }

  static void server(SSLContext context, int port, String what) throws IOException {
    SSLServerSocket listener = (SSLServerSocket) context.getServerSocketFactory().createServerSocket(port);
    listener.setNeedClientAuth(what.equals("client-certificate"));
    while (true) {
      try (SSLSocket socket = (SSLSocket) listener.accept()) {
        byte[] block = new byte[4096];
        for (int count; (count = socket.getInputStream().read(block)) >= 0;) {
          socket.getOutputStream().write(block, 0, count);
        }
      } catch (IOException error) {
        System.err.println(error);
      }
    }
  }

  public static void main(String[] arguments) throws Exception {
    boolean asClient = arguments[0].equals("client");
    String what = arguments[2];
    if (what.equals("retried")) {
      System.setProperty("jdk.tls.namedGroups", asClient ? "secp521r1,secp256r1" : "secp384r1");
    }
    if (what.equals("key-update")) {
      Security.setProperty("jdk.tls.keyLimits", "AES/GCM/NoPadding KeyUpdate " + KEY_LIMIT);
    }
    SSLContext context = context(arguments[3], arguments.length > 4 ? arguments[4] : null);
    if (asClient) {
      client(context, Integer.parseInt(arguments[1]), what);
    } else {
      server(context, Integer.parseInt(arguments[1]), what);
    }
  }
}
