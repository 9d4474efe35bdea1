/* Sockets of the server's directory for a driver that knows only ports: the server of a test has none. */
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import javax.net.SocketFactory;

public class UnixSockets extends SocketFactory
{
	private final String path;

	/** What the driver calls, with its property socketFactoryArg. */
	public UnixSockets(String path)
	{
		this.path = path;
	}

	@Override
	public Socket createSocket()
	{
		return new Socket()
		{
			private SocketChannel channel;

			@Override
			public void connect(SocketAddress address, int timeout) throws IOException
			{
				channel = SocketChannel.open(StandardProtocolFamily.UNIX);
				channel.connect(UnixDomainSocketAddress.of(path));
			}

			@Override
			public InputStream getInputStream()
			{
				return Channels.newInputStream(channel);
			}

			@Override
			public OutputStream getOutputStream()
			{
				return Channels.newOutputStream(channel);
			}

			@Override
			public boolean isConnected()
			{
				return channel != null && channel.isConnected();
			}

			@Override
			public void close() throws IOException
			{
				if (channel != null)
					channel.close();
			}

			/* There is nothing to set. */
			@Override
			public void setTcpNoDelay(boolean on) {}

			@Override
			public void setKeepAlive(boolean on) {}

			@Override
			public void setSoTimeout(int timeout) {}

			@Override
			public int getSoTimeout()
			{
				return 0;
			}

			@Override
			public int getSendBufferSize()
			{
				return 8192;
			}
		};
	}

	@Override
	public Socket createSocket(String host, int port) throws IOException
	{
		throw new IOException("not asked for");
	}

	@Override
	public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException
	{
		throw new IOException("not asked for");
	}

	@Override
	public Socket createSocket(InetAddress host, int port) throws IOException
	{
		throw new IOException("not asked for");
	}

	@Override
	public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort) throws IOException
	{
		throw new IOException("not asked for");
	}
}
