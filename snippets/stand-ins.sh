# An empty package for each dependency of 2012 that this Debian no longer has.
while read -r name version; do
    if [ -n "$(apt-cache madison "$name")" ]; then
        echo "$name: still in Debian"
        continue
    fi
    mkdir -p "stand-ins/$name/DEBIAN"
    cat > "stand-ins/$name/DEBIAN/control" <<END
Package: $name
Version: $version
Architecture: all
Maintainer: Nobody <nobody@localhost>
Description: empty stand-in for a package of Debian 6
END
    dpkg-deb --build "stand-ins/$name" "stand-ins/${name}_$version.deb"
done <<'LIST'
libgnutls26 2.8.6-1+squeeze2
libncurses5 5.7+20100313-5
libxen-4.1 4.1.2-2
libxenstore3.0 4.1.2-2
python 2.6.6-3+squeeze6
LIST
