package io.sqlmq.jms.jndi;

import java.util.Iterator;
import java.util.List;
import javax.naming.NamingEnumeration;

/** What a context lists. */
@SuppressWarnings("JdkObsolete") // a naming service returns an Enumeration
final class Listing<T> implements NamingEnumeration<T> {
    private final Iterator<T> rest;

    Listing(List<T> all) {
        rest = all.iterator();
    }

    @Override
    public boolean hasMore() {
        return rest.hasNext();
    }

    @Override
    public T next() {
        return rest.next();
    }

    @Override
    public boolean hasMoreElements() {
        return rest.hasNext();
    }

    @Override
    public T nextElement() {
        return rest.next();
    }

    @Override
    public void close() {}
}
